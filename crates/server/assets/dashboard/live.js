// Search forms with data-live="<id>" show their results while one types.

const PAUSE_MS = 150;

export function liveSearch() {
  for (const form of document.querySelectorAll("form[data-live]")) {
    let timer;
    let running;
    const refresh = async () => {
      running?.abort();
      running = new AbortController();
      const query = new URLSearchParams(new FormData(form));
      for (const [name, value] of [...query]) if (!value) query.delete(name);
      const text = query.toString();
      const url = text ? `${location.pathname}?${text}` : location.pathname;
      try {
        const response = await fetch(url, { signal: running.signal, headers: { accept: "text/html" } });
        if (!response.ok) return;
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const part = page.getElementById(form.dataset.live);
        const place = document.getElementById(form.dataset.live);
        if (!part || !place) {
          location.assign(url);
          return;
        }
        place.replaceWith(document.adoptNode(part));
        history.replaceState(null, "", url);
      } catch (error) {
        if (error.name !== "AbortError") form.submit();
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(refresh, PAUSE_MS);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(timer);
      refresh();
    });
  }
}
