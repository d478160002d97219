/** ECR's API, where it needs to know of layers: moto takes any manifest for an image. */
import { AwsError } from "../aws/aws-error";
import type { Aws } from "../aws/handler";
import type { IncomingCall } from "../aws/hooks";
import { checkComplete, hasRepository, type Named, namedBy } from "./images";
import { readManifest } from "./push";

/** Refuses a PutImage of what the repository does not hold. @throws AwsError LayersNotFoundException or ReferencedImagesNotFoundException */
export async function checkPutImage(aws: Aws, { service, action, region, input }: IncomingCall): Promise<void> {
  const { repositoryName, imageManifest, imageManifestMediaType } = input as Record<string, string | undefined>;
  if (service !== "ecr" || action !== "PutImage" || imageManifest === undefined) return;
  const place = { aws, region };
  if (repositoryName === undefined || !hasRepository(place, repositoryName)) return;
  const { blobs, manifests } = named(imageManifest, imageManifestMediaType);
  const check = (code: string, what: Named) =>
    checkComplete(place, repositoryName, what).catch((error: Error) => {
      throw new AwsError(code, error.message);
    });
  await check("LayersNotFoundException", { blobs, manifests: [] });
  await check("ReferencedImagesNotFoundException", { blobs: [], manifests });
}

/** What a manifest names; nothing if it is none, which is answered elsewhere. */
function named(text: string, mediaType: string | undefined): Named {
  try {
    return namedBy(readManifest(text, mediaType).text);
  } catch {
    return { blobs: [], manifests: [] };
  }
}
