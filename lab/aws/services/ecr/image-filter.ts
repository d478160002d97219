/** The filter of lists of ECR's images. */

export interface Filter {
  readonly tagStatus?: "TAGGED" | "UNTAGGED" | "ANY";
}

/** Tells by whether an image has a tag if a filter lets it through. @throws Error if it asks for what is not emulated */
export function filtering(filter: Filter = {}): (tagged: boolean) => boolean {
  const { tagStatus = "ANY", ...others } = filter;
  const [strange] = Object.keys(others);
  if (strange) throw new Error(`the filter of images by ${strange} is not emulated`);
  return (tagged) => tagStatus === "ANY" || tagged === (tagStatus === "TAGGED");
}
