/** What moves on the page: rows that open, columns that sort. Without it everything is there, and open. */

export const SCRIPT = `
'use strict';
document.documentElement.classList.add('js');
for (const button of document.querySelectorAll('.queries .toggle')) {
  button.addEventListener('click', () => {
    const open = button.closest('tbody').classList.toggle('open');
    button.setAttribute('aria-expanded', String(open));
  });
}
for (const button of document.querySelectorAll('.all-queries')) {
  button.addEventListener('click', () => {
    document.querySelector('.queries').classList.add('all');
    button.remove();
  });
}
const titles = [...document.querySelectorAll('.queries [data-sort]')];
for (const title of titles) {
  title.addEventListener('click', () => {
    const column = Number(title.dataset.sort);
    const down = column === 0 ? title.getAttribute('aria-sort') === 'ascending' : title.getAttribute('aria-sort') !== 'descending';
    for (const other of titles) other.removeAttribute('aria-sort');
    title.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const table = title.closest('table');
    const value = (body) => body.rows[0].cells[column].dataset.value;
    const compare = (a, b) => (column === 0 ? value(a).localeCompare(value(b)) : Number(value(a)) - Number(value(b)));
    const bodies = [...table.tBodies].sort((a, b) => (down ? -compare(a, b) : compare(a, b)));
    table.append(...bodies);
  });
}
`;
