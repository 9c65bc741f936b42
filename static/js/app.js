// Everything works without this script. It ticks all rows of a list and counts them, and opens the print dialogue.
document.addEventListener('change', (e) => {
  const form = e.target.closest('form[data-bulk]');
  if (!form || e.target.type !== 'checkbox') return;
  const all = form.querySelector('[data-check-all]');
  const boxes = [...form.querySelectorAll('tbody input[type=checkbox]')];
  if (e.target === all) boxes.forEach((b) => { b.checked = all.checked; });
  const n = boxes.filter((b) => b.checked).length;
  if (all) { all.checked = n === boxes.length; all.indeterminate = n > 0 && n < boxes.length; }
  // The words come from the page, which knows the language: <output data-text="{n} chosen">.
  const count = form.querySelector('.bulk output');
  if (count) count.textContent = (count.dataset.text || '{n}').replace('{n}', n);
});
document.querySelectorAll('[data-check-all]').forEach((all) => {
  all.indeterminate = all.form.querySelectorAll('tbody :checked').length > 0;
});
document.addEventListener('click', (e) => { if (e.target.closest('[data-print]')) window.print(); });
