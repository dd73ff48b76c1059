/**
 * The height that the on-screen keyboard leaves, as `--viewport`. Browsers that heed
 * `interactive-widget=resizes-content` have it in 100dvh; Safari on iOS does not.
 */
export function followViewport(root = document.documentElement) {
  const view = window.visualViewport;
  if (!view) return;
  const measure = () => {
    const covered = window.innerHeight - view.height;
    if (covered > 80 && view.scale === 1) root.style.setProperty("--viewport", `${view.height}px`);
    else root.style.removeProperty("--viewport");
  };
  view.addEventListener("resize", measure);
  measure();
}
