/* What is wrong with the texts of a wall as they stand: [{what, text, more}]. Runs in the page.

   lines: {x: [], y: []} px where the gaps between the screens of a mosaic are; least: px of the
   smallest letters that there may be. */
({ lines, least }) => {
  const found = [];
  const shown = (node) => {
    for (let one = node; one instanceof Element; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.visibility === "hidden" || style.display === "none" || Number(style.opacity) === 0) return false;
    }
    return true;
  };
  const clips = (node) => {
    const boxes = [];
    for (let one = node; one && one !== document.documentElement; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.overflowX !== "visible" || one.tagName === "svg") boxes.push(one.getBoundingClientRect());
    }
    return boxes;
  };
  const texts = [];
  const walker = document.createTreeWalker(document.getElementById("wall"), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.textContent.trim() || !shown(parent)) continue;
    const isGlyph = parent.closest("svg.g, .sign");
    const range = document.createRange();
    range.selectNodeContents(node);
    const whole = parent.namespaceURI.endsWith("svg") ? parent.getBoundingClientRect() : range.getBoundingClientRect();
    if (!whole.width) continue;
    // the letters themselves: the box is as high as the font's longest strokes could be
    const matrix = parent.getScreenCTM?.();
    const scale = matrix ? Math.hypot(matrix.a, matrix.b) : Number(getComputedStyle(document.documentElement).getPropertyValue("--u"));
    const size = parseFloat(getComputedStyle(parent).fontSize) * scale;
    const middle = (whole.top + whole.bottom) / 2;
    const box = { left: whole.left, right: whole.right, top: middle - 0.36 * size, bottom: middle + 0.36 * size };
    const text = node.textContent.trim();
    if (!isGlyph && size < least - 0.05) found.push({ what: "small", text, more: size.toFixed(1) });
    for (const clip of clips(parent))
      if (box.left < clip.left - 1.5 || box.right > clip.right + 1.5 || box.top < clip.top - 1.5 || box.bottom > clip.bottom + 1.5) {
        found.push({ what: "clipped", text, more: `${Math.round(box.left)},${Math.round(box.top)}..${Math.round(box.right)},${Math.round(box.bottom)} in ${Math.round(clip.left)},${Math.round(clip.top)}..${Math.round(clip.right)},${Math.round(clip.bottom)}` });
        break;
      }
    if (!isGlyph) {
      if (lines.x.some((x) => box.left < x - 1 && box.right > x + 1)) found.push({ what: "cut by a gap", text });
      if (lines.y.some((y) => box.top < y - 1 && box.bottom > y + 1)) found.push({ what: "cut by a gap", text });
    }
    texts.push({ text, box, parent });
  }
  const over = 0.12; // part of a letter's height that two may share
  texts.forEach((a, i) => {
    for (const b of texts.slice(i + 1)) {
      if (a.parent === b.parent || a.parent.contains(b.parent) || b.parent.contains(a.parent)) continue;
      const w = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const h = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      const high = Math.min(a.box.bottom - a.box.top, b.box.bottom - b.box.top);
      if (w > 2 && h > over * high) found.push({ what: "overlap", text: a.text, more: b.text });
    }
  });
  return found;
}
