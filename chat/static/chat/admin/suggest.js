/* Names offered below a field of the admin while one types, by Django's own autocomplete view. */

const WAIT_MS = 120;

/** @param {HTMLInputElement} input */
function suggest(input) {
  const list = document.createElement("datalist");
  list.id = `${input.id}_names`;
  input.after(list);
  input.setAttribute("list", list.id);
  let timer = 0;
  let asked = new AbortController();

  const ask = async () => {
    asked.abort();
    asked = new AbortController();
    const address = new URL(input.dataset.suggest, location.href);
    address.searchParams.set("term", input.value);
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (!answer.ok) return;
      const { results } = await answer.json();
      list.replaceChildren(...results.map((found) => option(found, input)));
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("focus", ask, { once: true });
}

/** Rooms may share a name, so theirs comes with the number. */
function option(found, input) {
  const element = document.createElement("option");
  element.value = "suggestNumbered" in input.dataset ? `${found.text} #${found.id}` : found.text;
  return element;
}

for (const input of document.querySelectorAll("input[data-suggest]")) suggest(input);
