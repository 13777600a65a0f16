import type { Page } from 'playwright-core';

/**
 * Names whatever holds text that is wider than its place, the page itself included. Left out are areas that scroll and what is only
 * for those who listen to the page. A placeholder counts as text.
 */
export function overflowsOf(page: Page): Promise<string[]> {
  return page.locator('html').evaluate((html) => {
    const pen = html.ownerDocument.createElement('canvas').getContext('2d');
    const found: string[] = [];
    if (html.scrollWidth > html.clientWidth) found.push(`the page: ${html.scrollWidth} > ${html.clientWidth}`);
    for (const node of html.querySelectorAll('body *')) {
      const style = html.ownerDocument.defaultView.getComputedStyle(node);
      const listenedTo = node.clientWidth <= 1;
      const scrolls = style.overflowX === 'auto' || style.overflowX === 'scroll';
      if (listenedTo || scrolls) continue;
      let text = node.textContent;
      let needs = node.scrollWidth;
      let has = node.clientWidth;
      if (node.localName === 'input') {
        pen.font = style.font;
        text = node.placeholder;
        needs = Math.ceil(pen.measureText(text).width);
        has -= Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight);
      }
      if (text.trim() !== '' && needs > has) found.push(`${node.localName} “${text}”: ${needs} > ${has}`);
    }
    return found;
  });
}
