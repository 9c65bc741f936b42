// Everything works without this script.
document.addEventListener('click', (e) => { if (e.target.closest('[data-print]')) window.print(); });
// What was refused is read first.
document.querySelector('[data-focus]')?.focus();
// A swapped list says how many it found: the line that is read aloud stays on the page, so that screen readers hear it.
document.addEventListener('htmx:afterSettle', () => {
  const said = document.getElementById('treff'), hits = document.querySelector('[data-hits]');
  if (said && hits) said.textContent = hits.textContent;
});

// Ticking members in a list: how many, a whole page, all between two (shift), and keys while one is in the list.
const boxesOf = (form) => [...form.querySelectorAll('[data-rows] input[type=checkbox]')];
let lastTicked = null;
const countTicked = (form) => {
  const boxes = boxesOf(form), page = form.querySelector('[data-check-all]'), said = form.querySelector('.bulk output');
  const n = boxes.filter((box) => box.checked).length;
  if (page) { page.hidden = false; page.checked = n > 0 && n === boxes.length; page.indeterminate = n > 0 && n < boxes.length; }
  const words = form.elements.alle?.checked ? said.dataset.all : said.dataset.n.replace('#', n);
  if (n || form.elements.alle?.checked) said.textContent = words;
};
const tickAll = (form, on) => {
  boxesOf(form).forEach((box) => { box.checked = on; });
  if (form.elements.alle && !on) form.elements.alle.checked = false;
  countTicked(form);
};
document.addEventListener('change', (e) => {
  const form = e.target.closest('form[data-bulk]');
  if (!form || e.target.type !== 'checkbox') return;
  if (e.target.matches('[data-check-all]')) tickAll(form, e.target.checked);
  // “All hits” covers the page too; a box taken away again means that it is no longer all.
  else if (e.target.name === 'alle') tickAll(form, e.target.checked);
  else if (!e.target.checked && form.elements.alle) form.elements.alle.checked = false;
  countTicked(form);
});
document.addEventListener('click', (e) => {
  const box = e.target.closest?.('form[data-bulk] [data-rows] input[type=checkbox]');
  if (!box) return;
  const boxes = boxesOf(box.form), from = boxes.indexOf(lastTicked), to = boxes.indexOf(box);
  if (e.shiftKey && from >= 0) {
    boxes.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => { one.checked = box.checked; });
    countTicked(box.form);
  }
  lastTicked = box;
});
document.addEventListener('keydown', (e) => {
  const form = e.target.closest?.('form[data-bulk]');
  if (!form || e.ctrlKey || e.metaKey || e.altKey || form.querySelector(':popover-open')) return;
  const row = e.target.closest('[data-rows] tr');
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[e.key];
  if (step && row) (step > 0 ? row.nextElementSibling : row.previousElementSibling)?.querySelector('.rowlink')?.focus();
  else if (e.key === 'x' && row) row.querySelector('input[type=checkbox]')?.click();
  else if (e.key === 'Escape') { tickAll(form, false); if (!row) form.querySelector('.rowlink')?.focus(); }
  else if (e.key === '/') document.getElementById('sok')?.focus();
  else return;
  e.preventDefault();
});
const readyLists = () => document.querySelectorAll('form[data-bulk]').forEach(countTicked);
document.addEventListener('htmx:afterSettle', readyLists);
readyLists();
