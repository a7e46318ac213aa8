/** What a terminal shows, without colours and marks: CSI and OSC sequences (ECMA-48) are taken out; one that is not whole yet stays. */
export function plainText(text: string): string {
  return text.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07/g, '');
}
