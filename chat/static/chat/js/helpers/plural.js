/**
 * The plural rule of a gettext catalogue ("n != 1", "n==1 ? 0 : n>=2 && n<=4 ? 1 : 2"),
 * worked out without `eval`, which the page's policy forbids.
 * Grammar: https://www.gnu.org/software/gettext/manual/html_node/Plural-forms.html
 */

const TOKEN = /\s*(\d+|n|\|\||&&|[=!<>]=|[<>%*/+\-?:()])/y;
const LEVELS = [["||"], ["&&"], ["==", "!="], ["<", ">", "<=", ">="], ["+", "-"], ["*", "/", "%"]];
const DO = {
  "||": (a, b) => Number(Boolean(a || b)),
  "&&": (a, b) => Number(Boolean(a && b)),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "<": (a, b) => Number(a < b),
  ">": (a, b) => Number(a > b),
  "<=": (a, b) => Number(a <= b),
  ">=": (a, b) => Number(a >= b),
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => Math.trunc(a / b),
  "%": (a, b) => a % b,
};

function tokensOf(rule) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(rule); found; found = TOKEN.exec(rule)) tokens.push(found[1]);
  return tokens;
}

/** @returns {(n: number) => number} which of the forms belongs to n */
export function pluralRule(rule) {
  const tokens = tokensOf(rule);
  return (n) => {
    let at = 0;
    const primary = () => {
      const token = tokens[at++];
      if (token === "n") return n;
      if (token !== "(") return Number(token);
      const value = choice();
      at += 1;
      return value;
    };
    const binary = (level) => {
      if (level === LEVELS.length) return primary();
      let value = binary(level + 1);
      while (LEVELS[level].includes(tokens[at])) {
        const operator = tokens[at++];
        value = DO[operator](value, binary(level + 1));
      }
      return value;
    };
    const choice = () => {
      const condition = binary(0);
      if (tokens[at] !== "?") return condition;
      at += 1;
      const yes = choice();
      at += 1;
      const no = choice();
      return condition ? yes : no;
    };
    return choice();
  };
}
