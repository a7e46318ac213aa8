/** What the page has to say and nobody asked for; it stands until it is closed. */
export class Notices {
  list: readonly string[] = $state.raw([]);

  /** Once, however often it is said. */
  tell(text: string): void {
    if (!this.list.includes(text)) this.list = [...this.list, text];
  }

  close(text: string): void {
    this.list = this.list.filter((other) => other !== text);
  }
}
