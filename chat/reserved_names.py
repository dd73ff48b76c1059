"""Names that would pass for the site itself, in the languages of the site."""

from __future__ import annotations

_ENGLISH = """
admin admins administrator administrators moderator moderators mod mods owner owners
staff team support helpdesk help security abuse root superuser sysadmin system server
service bot official operator webmaster postmaster hostmaster noreply info
everyone everybody all here channel room rooms online nobody somebody anyone
anonymous anon guest guests user users member members me you self unknown
deleted removed redacted deactivated banned null none undefined nil true false
chat notice notification notifications announcement announcements
"""
_CHINESE = """
管理员 管理員 超级管理员 超級管理員 系统管理员 系統管理員 版主 群主 站长 站長 房主 主持人
系统 系統 系统消息 系統訊息 系统通知 系統通知 官方 官方客服 客服 客服中心 服务器 伺服器
机器人 機器人 公告 通知 所有人 全体成员 全體成員 全体 全體 大家 在线 線上 匿名 匿名用户 匿名使用者
访客 訪客 游客 遊客 用户 使用者 成员 成員 我 你 未知 已删除 已刪除 已注销 已註銷 密码 密碼
"""
RESERVED_NAMES = frozenset((_ENGLISH + _CHINESE).split())
