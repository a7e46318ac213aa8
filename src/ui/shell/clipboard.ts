/** Puts text on the clipboard; false where the browser does not allow it. Only secure pages have the Clipboard API; http on a local network is none. */
export async function copyText(text: string): Promise<boolean> {
  if (!isSecureContext) return copyBySelection(text);
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}
