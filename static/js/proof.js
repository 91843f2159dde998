// Works a little for the form, so that a flood of forms costs its sender something (complaints/webform/proof.py): looks
// for a number whose hash with the page's challenge begins with so many zero bits. A phone needs well under a second,
// in slices between which it stays usable. Loaded by uploads.js when somebody begins to write; without
// script the form is taken all the same, under a tighter limit.
(() => {
  const given = document.querySelector("input[data-proof-bits]");
  if (!given) return;
  const zeroBits = Number(given.dataset.proofBits);
  const SLICE_MS = 12;

  // SHA-256 (FIPS 180-4) of a short ASCII text; returns the first 32 bits. The browser's own answers later than it works.
  const PRIMES = [2];
  for (let n = 3; PRIMES.length < 64; n += 2) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
  const fraction = (number) => ((number - Math.floor(number)) * 2 ** 32) | 0;
  const ROUND = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
  const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const words = new Int32Array(64);
  const turned = (word, bits) => (word >>> bits) | (word << (32 - bits));
  const mix = (state, block, offset) => {
    for (let i = 0; i < 16; i++) words[i] = block[offset + i];
    for (let i = 16; i < 64; i++) {
      const [a, b] = [words[i - 15], words[i - 2]];
      const small = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
      const large = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
      words[i] = (words[i - 16] + small + words[i - 7] + large) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + words[i];
      const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    return [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) | 0);
  };
  const firstBits = (text) => {
    const length = text.length;
    const block = new Int32Array((((length + 8) >> 6) + 1) * 16);
    for (let i = 0; i < length; i++) block[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
    block[length >> 2] |= 0x80 << (24 - 8 * (length & 3));
    block[block.length - 1] = length * 8;
    let state = START;
    for (let offset = 0; offset < block.length; offset += 16) state = mix(state, block, offset);
    return state[0] >>> 0;
  };

  let number = 0;
  const look = () => {
    const end = performance.now() + SLICE_MS;
    while (performance.now() < end) {
      if (firstBits(`${given.value}.${number}`) >>> (32 - zeroBits) === 0) {
        const answer = document.createElement("input");
        [answer.type, answer.name, answer.value] = ["hidden", "answer", String(number)];
        given.after(answer);
        return;
      }
      number += 1;
    }
    setTimeout(look, 0);
  };
  look();
})();
