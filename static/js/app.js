// Everything works without this script.
document.addEventListener('click', (e) => { if (e.target.closest('[data-print]')) window.print(); });
// What was refused is read first.
document.querySelector('[data-focus]')?.focus();
// A swapped list says how many it found: the line that is read aloud stays on the page, so that screen readers hear it.
document.addEventListener('htmx:afterSettle', () => {
  const said = document.getElementById('treff'), hits = document.querySelector('[data-hits]');
  if (said && hits) said.textContent = hits.textContent;
});
