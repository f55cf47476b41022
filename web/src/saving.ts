/** Saving a file from a page, where the browser can. */

/** WeChat's own browser saves no files that a page has made. */
export const canSave = (agent = navigator.userAgent): boolean => !/MicroMessenger/i.test(agent);

/** Have the browser save something under a name. */
export function saveAs(data: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
