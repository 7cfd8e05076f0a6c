// Three things the pages do by themselves: stop a sandbox, show how a start goes on, look again after a while.
"use strict";

function stopButtons() {
  for (const button of document.querySelectorAll("[data-stop]")) {
    button.addEventListener("click", async () => {
      button.disabled = true;
      const headers = { "X-XSRFToken": document.body.dataset.xsrf };
      const answer = await fetch(button.dataset.stop, { method: "DELETE", headers }).catch(() => null);
      if (answer && answer.ok) {
        location.reload();
      } else {
        document.getElementById("fault").classList.remove("d-none");
        button.disabled = false;
      }
    });
  }
}

function progress() {
  const place = document.getElementById("progress");
  if (!place) return;
  const events = new EventSource(place.dataset.progress);
  events.onmessage = (message) => {
    const event = JSON.parse(message.data);
    place.querySelector("progress").value = event.progress;
    if (place.dataset[event.step]) document.getElementById("step").textContent = place.dataset[event.step];
    if (event.ready || event.failed) {
      events.close();
      location.reload();
    }
  };
}

function lookAgain() {
  const place = document.querySelector("[data-reload]");
  if (place) setTimeout(() => location.reload(), Number(place.dataset.reload));
}

stopButtons();
progress();
lookAgain();
