// All phones side by side; one long poll tells which of them changed.

import { Phone } from "/page/phone.js";
import { ask } from "/page/wire.js";

const phones = new Map();
const languages = new Map([...document.querySelectorAll("#add option")].map((option) => [option.value, option.textContent]));

async function residents() {
  const found = await ask("/sim/residents");
  const present = new Set(found.map(({ id }) => id));
  for (const [id, phone] of phones) {
    if (!present.has(id)) { phone.root.remove(); phones.delete(id); }
  }
  for (const resident of found.filter(({ id }) => !phones.has(id))) await add(resident).refresh();
}

function add(resident) {
  const code = resident.language_code ?? "";
  const phone = new Phone(resident, languages.get(code) ?? code);
  phones.set(resident.id, phone);
  document.getElementById("phones").append(phone.root);
  return phone;
}

document.getElementById("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, language_code } = event.target.elements;
  await ask("/sim/residents", { name: name.value, language_code: language_code.value || null });
  name.value = "";
});

async function watch() {
  const state = document.getElementById("state");
  let version = 0;
  for (;;) {
    try {
      const news = await ask(`/sim/events?after=${version}&wait=25`);
      await residents();
      await Promise.all(news.residents.map((id) => phones.get(id)?.refresh()));
      version = news.version;
      state.textContent = "";
    } catch {
      state.textContent = "The local Telegram is away; trying again …";
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
  }
}

const first = JSON.parse(document.getElementById("residents").textContent).map(add);
Promise.all(first.map((phone) => phone.refresh())).then(watch, watch);
