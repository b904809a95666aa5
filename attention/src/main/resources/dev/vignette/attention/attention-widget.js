/*
 * What each word of a caption looked at, lit over the image.
 *
 * attentionMaths computes, without a page, what the Java classes ViewedMaps, AttentionSinks,
 * AttentionRatio, HeatField and HeatmapOverlay compute, with their constants.
 * attentionWidget(element, picture, data) fills an element with one caption.
 */
const attentionMaths = (() => {
  const constants = @CONSTANTS@;

  function bytes(base64) {
    const text = atob(base64), result = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) result[i] = text.charCodeAt(i);
    return result;
  }

  /* Packed rows; both typed arrays are little-endian, as every browser's machine is. */
  function unpack(rows) {
    return {
      largest: new Float32Array(bytes(rows.largest).buffer),
      packed: new Uint16Array(bytes(rows.packed).buffer)
    };
  }

  /* The mean over rows `first`, `first + 1`, ... of those that `chosen` names: (patches). */
  function mean(rows, patches, first, chosen) {
    const sum = new Float64Array(patches);
    for (const index of chosen) {
      const row = first + index, most = rows.largest[row];
      for (let i = 0; i < patches; i++) {
        const part = rows.packed[row * patches + i] / constants.full;
        sum[i] += most * part * part;
      }
    }
    return sum.map(x => x / chosen.length);
  }

  /* A map over its mean, sinks left out of that; 1 everywhere if there is nothing. */
  function scaled(map, sinks) {
    let sum = 0, counted = 0;
    map.forEach((x, i) => { if (!sinks || !sinks[i]) { sum += x; counted++; } });
    return map.map(x => sum > 0 ? x / (sum / counted) : 1);
  }

  function median(values) {
    const sorted = Float64Array.from(values).sort();
    return sorted[(sorted.length - 1) >> 1];
  }

  /* Which patches stand out for the typical word; see AttentionSinks. */
  function sinks(maps) {
    const all = maps.map(map => scaled(map));
    const typical = all[0].map((_, i) => median(all.map(map => map[i])));
    const average = typical.reduce((a, b) => a + b, 0) / typical.length;
    if (maps.length < constants.fewestWords || average === 0) return Array.from(typical, () => false);
    const logs = typical.map(x => Math.log(Math.max(x, constants.floor * average)));
    const middle = median(logs);
    const deviation = constants.medianDeviation * median(logs.map(x => Math.abs(x - middle)));
    const bound = middle + Math.max(Math.log(constants.times), constants.deviations * deviation);
    return Array.from(logs, x => x > bound);
  }

  function ratio(map, reference, sunk) {
    const above = scaled(map, sunk), below = scaled(reference, sunk);
    return above.map((x, i) => sunk[i] ? 1 : (x + constants.smoothing) / (below[i] + constants.smoothing));
  }

  /* The maps of all words in a view, from their attention; `spoken` tells which are no punctuation. */
  function view(name, maps, spoken, generic) {
    if (name === "raw") return maps;
    const heard = spoken.some(x => x) ? maps.filter((_, i) => spoken[i]) : maps;
    const reference = name === "contrast" ? generic
      : heard[0].map((_, i) => heard.reduce((sum, map) => sum + map[i], 0) / heard.length);
    const sunk = sinks(heard);
    return maps.map(map => ratio(map, reference, sunk));
  }

  /* Whether a patch sees some of the image, not only padding. */
  function visible(row, column, side, geometry) {
    const g = geometry, step = g.size / side;
    const left = column * step * g.scaleX + g.offsetX, top = row * step * g.scaleY + g.offsetY;
    return Math.min(g.width, left + step * g.scaleX) > Math.max(0, left)
      && Math.min(g.height, top + step * g.scaleY) > Math.max(0, top);
  }

  /* How brightly each patch is lit, 0 to 1. */
  function lit(name, map, side, geometry) {
    const neutral = constants.views[name].neutral;
    const usual = name === "raw" ? map.reduce((a, b) => a + b, 0) / map.length : neutral;
    let full = constants.fullTimes * usual;
    map.forEach((x, i) => {
      if (visible(Math.floor(i / side), i % side, side, geometry)) full = Math.max(full, x);
    });
    const span = full - neutral;
    return map.map(x => span > 0 ? Math.min(1, Math.max(0, (x - neutral) / span)) : 0);
  }

  function catmullRom(distance) {
    const x = Math.abs(distance);
    return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  }

  /* Along one side: which four cells each pixel is made of, and whether the model saw it. */
  function axis(pixels, length, offset, scale, size, side) {
    return Array.from({ length: pixels }, (_, pixel) => {
      const model = ((pixel + 0.5) * length / pixels - offset) / scale;
      const place = model * side / size - 0.5, before = Math.floor(place);
      const taps = [0, 1, 2, 3].map(tap => before - 1 + tap);
      return {
        cells: taps.map(cell => Math.min(side - 1, Math.max(0, cell))),
        weights: taps.map(cell => catmullRom(place - cell)),
        seen: model >= 0 && model <= size
      };
    });
  }

  /* A map over the pixels of the image in width x height, and what of them was seen. */
  function field(map, side, geometry, width, height) {
    const g = geometry;
    const across = axis(width, g.width, g.offsetX, g.scaleX, g.size, side);
    const down = axis(height, g.height, g.offsetY, g.scaleY, g.size, side);
    const least = Math.min(...map), most = Math.max(...map);
    const rows = new Float64Array(side * width);
    for (let row = 0; row < side; row++) {
      for (let x = 0; x < width; x++) {
        const { cells, weights } = across[x];
        for (let tap = 0; tap < 4; tap++) rows[row * width + x] += weights[tap] * map[row * side + cells[tap]];
      }
    }
    const values = new Float64Array(width * height), seen = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      const { cells, weights } = down[y];
      for (let x = 0; x < width; x++) {
        let value = 0;
        for (let tap = 0; tap < 4; tap++) value += weights[tap] * rows[cells[tap] * width + x];
        values[y * width + x] = Math.min(most, Math.max(least, value));
        seen[y * width + x] = down[y].seen && across[x].seen ? 1 : 0;
      }
    }
    return { values, seen };
  }

  /* Colours over the picture's pixels, red, green, blue, opacity each. */
  function overlay(pixels, { values, seen }) {
    const c = constants, result = new Uint8ClampedArray(pixels.length);
    for (let i = 0; i < values.length; i++) {
      const at = 4 * i, grey = c.grey[0] * pixels[at] + c.grey[1] * pixels[at + 1] + c.grey[2] * pixels[at + 2];
      const color = c.colors[Math.round(255 * values[i])], opacity = c.opacity * values[i];
      for (let channel = 0; channel < 3; channel++) {
        const muted = c.mutedLight * (grey + c.mutedColor * (pixels[at + channel] - grey));
        const over = color >> (16 - 8 * channel) & 255;
        result[at + channel] = seen[i] ? muted + opacity * (over - muted) : c.unseenLight * grey;
      }
      result[at + 3] = 255;
    }
    return result;
  }

  return { constants, unpack, mean, sinks, view, lit, field, overlay };
})();

function attentionWidget(element, picture, data) {
  "use strict";
  const maths = attentionMaths, side = data.side, patches = side * side;
  const spoken = data.words.map(word => !word.punctuation);
  const perLayer = Math.max(1, data.heads.length), perWord = data.layers.length * perLayer;
  const rows = maths.unpack(data.rows), generic = data.generic && maths.unpack(data.generic);
  const state = { view: data.view, layer: -1, head: -1, word: -1, pinned: -1, touched: false };
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
  let beneath = null;

  function make(tag, cls, text, ...children) {
    const made = document.createElement(tag);
    if (cls) made.className = cls;
    if (text) made.textContent = text;
    made.append(...children);
    return made;
  }

  /* The rows of a word that the pickers choose. */
  function chosen() {
    const each = [];
    for (let layer = 0; layer < data.layers.length; layer++) {
      for (let head = 0; head < perLayer; head++) {
        if ((state.layer < 0 || state.layer === layer) && (state.head < 0 || state.head === head)) {
          each.push(layer * perLayer + head);
        }
      }
    }
    return each;
  }

  /* Attention and viewed maps of all words, kept until a picker is turned. */
  let kept = null;
  function maps() {
    const key = [state.view, state.layer, state.head].join();
    if (!kept || kept.key !== key) {
      const each = chosen();
      const attention = data.words.map((_, word) => maths.mean(rows, patches, word * perWord, each));
      const other = generic && maths.mean(generic, patches, 0, each);
      kept = { key, attention, viewed: attention.length ? maths.view(state.view, attention, spoken, other) : [] };
    }
    return kept;
  }

  function draw() {
    if (!beneath) return;
    buttons.forEach((button, word) => {
      if (!button) return;
      button.classList.toggle("lit", word === state.word);
      button.setAttribute("aria-pressed", word === state.pinned);
    });
    if (state.word < 0) {
      context.putImageData(beneath, 0, 0);
      said.textContent = "Point at a word, or tap it, to see what it looked at.";
      return;
    }
    const { attention, viewed } = maps();
    const lit = maths.lit(state.view, viewed[state.word], side, data.geometry);
    const field = maths.field(lit, side, data.geometry, canvas.width, canvas.height);
    const pixels = maths.overlay(beneath.data, field);
    context.putImageData(new ImageData(pixels, canvas.width, canvas.height), 0, 0);
    const share = attention[state.word].reduce((a, b) => a + b, 0);
    said.replaceChildren(make("b", "", data.words[state.word].text), ": "
      + (100 * share).toFixed(1) + "% of its attention is on the image");
  }

  function show(word) {
    state.word = word;
    draw();
  }

  /* The word that the page shows at first is pinned by nobody: a tap on it does not let go. */
  function pin(word) {
    state.pinned = state.pinned === word && state.touched ? -1 : word;
    state.touched = true;
    show(state.pinned);
  }

  /* Left and right move from word to word; Escape lets go. */
  function press(event, word) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") {
      state.pinned = -1;
      show(-1);
    } else if (step) {
      let next = word + step;
      while (buttons[next] === null) next += step;
      if (buttons[next]) buttons[next].focus();
      event.preventDefault();
    }
  }

  /* What no space parts stays on one line. */
  let run = null;
  const line = make("p", "attention-words");
  const buttons = data.words.map((word, index) => {
    if (word.spaced || index === 0) {
      run = make("span", "attention-run");
      line.append(" ", run);
    }
    if (word.punctuation) {
      run.append(word.text);
      return null;
    }
    const button = make("button", "", word.text);
    button.type = "button";
    button.onpointerenter = event => { if (event.pointerType !== "touch") show(index); };
    button.onpointerleave = event => { if (event.pointerType !== "touch") show(state.pinned); };
    button.onfocus = () => { if (button.matches(":focus-visible")) show(index); };
    button.onblur = () => show(state.pinned);
    button.onclick = () => pin(index);
    button.onkeydown = event => press(event, index);
    run.append(button);
    return button;
  });
  if (!data.words.length) line.append(make("span", "attention-soft", "(empty caption)"));

  const said = make("p", "attention-said");
  said.setAttribute("aria-live", "polite");

  function picker(name, options, value, change) {
    const select = make("select");
    options.forEach(([text, key]) => {
      const option = make("option", "", text);
      option.value = key;
      select.append(option);
    });
    select.value = value;
    select.onchange = () => { change(select.value); draw(); };
    return make("label", "", name + " ", select);
  }

  const bar = make("div", "attention-bar", null,
    picker("view", Object.keys(maths.constants.views).filter(name => name !== "contrast" || generic)
      .map(name => [name, name]), state.view, name => { state.view = name; legend(); }));
  if (data.layers.length > 1) {
    bar.append(picker("layer", [["mean", -1], ...data.layers.map((layer, i) => [layer, i])], -1,
      value => { state.layer = Number(value); }));
  }
  if (data.heads.length > 1) {
    bar.append(picker("head", [["mean", -1], ...data.heads.map((head, i) => [head, i])], -1,
      value => { state.head = Number(value); }));
  }

  const g = data.geometry;
  const unseen = g.offsetX > 0.5 || g.offsetY > 0.5
    || g.offsetX + g.size * g.scaleX < g.width - 0.5 || g.offsetY + g.size * g.scaleY < g.height - 0.5;
  const meaning = make("span");
  function legend() {
    const shown = maths.constants.views[state.view];
    meaning.textContent = shown.meaning + ": " + shown.unlit + " → the word’s most"
      + (unseen ? ". Dark grey: the model did not see it." : "");
  }
  const ramp = make("i");
  const stops = [0, 32, 64, 96, 128, 160, 192, 224, 255]
    .map(i => "#" + maths.constants.colors[i].toString(16).padStart(6, "0"));
  ramp.style.background = "linear-gradient(90deg," + stops.join() + ")";
  const facts = Object.entries(data.settings).map(([name, value]) => name + " " + value).join(" · ");

  /* Small pictures are enlarged by a whole number. */
  const longest = Math.max(picture.width, picture.height);
  const scale = longest > 320 ? Math.min(1, 768 / longest) : Math.ceil(480 / longest);
  canvas.width = Math.max(1, Math.round(scale * picture.width));
  canvas.height = Math.max(1, Math.round(scale * picture.height));
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The image, what the chosen word looked at lit");
  const image = new Image();
  image.onload = () => {
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    beneath = context.getImageData(0, 0, canvas.width, canvas.height);
    draw();
  };
  image.src = picture.address;

  element.classList.add("attention");
  element.append(make("h3", "", data.model), line, make("div", "attention-stage", null, canvas), said, bar,
    make("p", "attention-legend", null, ramp, meaning));
  if (facts) element.append(make("p", "attention-facts", facts));
  legend();

  /* First the word whose region stands out most. */
  const peaks = data.words.length ? maps().viewed.map((map, i) => spoken[i] ? Math.max(...map) : -1) : [];
  const first = peaks.indexOf(Math.max(...peaks));
  if (first >= 0 && spoken[first]) state.word = state.pinned = first;
}
