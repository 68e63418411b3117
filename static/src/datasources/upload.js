/* Sends the file with its progress shown; the server's preview page comes next. Without scripts the form does it alone. */
import { announce } from "../kit/announce.js";
import { csrfToken, prefix } from "../kit/page.js";

export function mount(form, signal) {
  const box = form.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const message = box.querySelector("[data-message]");
  const say = (text) => (message.textContent = text);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter;
    button?.setAttribute("aria-busy", "true");
    box.hidden = false;
    try {
      const upload = await send(new FormData(form), signal, (share) => {
        bar.value = share;
        say(share < 1 ? `Uploading, ${Math.round(share * 100)} %` : "Reading the file …");
        if (share >= 1) bar.removeAttribute("value");
      });
      location.assign(`${prefix()}/data/warehouse/uploads/${upload.id}/`);
    } catch (problem) {
      bar.value = 0;
      say(problem.message);
      announce(problem.message);
      button?.removeAttribute("aria-busy");
    }
  }, { signal });
}

function send(body, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${prefix()}/api/v1/warehouse/uploads`);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.upload.addEventListener("load", () => onProgress(1));
    request.addEventListener("load", () => {
      const answer = request.response ?? {};
      if (request.status < 300) resolve(answer);
      else reject(new Error([answer.detail || `The server answered ${request.status}.`, ...steps(answer)].join(" ")));
    });
    request.addEventListener("error", () => reject(new Error("The connection was lost; try again.")));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

function steps(answer) {
  return (answer.next_steps ?? []).map((step) => step.label ?? step);
}
