/** Paths of the registry, and what IAM knows their calls by. */
import { actionsOf, callOf } from "../../../lab/ecr/call";

describe("paths", () => {
  test.each([
    ["/v2/", { kind: "version" }],
    ["/v2/a/b/manifests/1.0", { kind: "manifest", repository: "a/b", reference: "1.0" }],
    ["/v2/manifests/manifests/manifests", { kind: "manifest", repository: "manifests", reference: "manifests" }],
    ["/v2/a/blobs/uploads/", { kind: "uploads", repository: "a" }],
    ["/v2/a/blobs/uploads/1-2", { kind: "upload", repository: "a", upload: "1-2" }],
    ["/v2/a/tags/list", { kind: "tags", repository: "a" }],
    ["/v2/a--b/c__d/tags/list", { kind: "tags", repository: "a--b/c__d" }],
    ["/v2/a___b/tags/list", undefined],
    ["/v2/A/manifests/1", undefined],
    ["/v2/../v2/a/manifests/1", undefined],
    ["/v2/a/manifests/../b", undefined],
    ["/v2/a/blobs/sha256:short", undefined],
    ["/v2/a%2fb/manifests/1", undefined],
  ])("%s", (path, call) => {
    expect(callOf(path)).toEqual(call);
  });

  test("the last part of a layer may come with the call that completes it", () => {
    const upload = { kind: "upload", repository: "a", upload: "u" } as const;
    expect(actionsOf("PUT", upload, true)).toEqual(["UploadLayerPart", "CompleteLayerUpload"]);
    expect(actionsOf("PUT", upload, false)).toEqual(["CompleteLayerUpload"]);
  });
});
