// Says so when a part of a page that asks anew every second gets no answer: an old figure must not pass for a new one.
document.addEventListener("htmx:afterRequest", (event) => {
  const notice = document.querySelector("[data-lost]");
  if (notice) {
    notice.hidden = event.detail.successful === true;
  }
});
