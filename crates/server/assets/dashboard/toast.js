// Short confirmations in the corner; announced by the live region they stand in.

const SHOWN_MS = 4000;

export function toast(text, tone) {
  const place = document.querySelector(".toasts");
  if (!place) return;
  const item = document.createElement("div");
  item.className = tone ? `toast ${tone}` : "toast";
  item.textContent = text;
  place.append(item);
  setTimeout(() => item.remove(), SHOWN_MS);
}

// The server shows what was done as a notice; here it becomes a toast, and a reload does not repeat it.
export function toasts() {
  const notice = document.querySelector("[data-toast]");
  if (!notice) return;
  toast(notice.textContent.trim());
  notice.remove();
  const url = new URL(location.href);
  url.searchParams.delete("done");
  history.replaceState(null, "", url);
}
