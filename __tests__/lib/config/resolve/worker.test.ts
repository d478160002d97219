import { cellOf } from "../sample";

test("addresses: none in a subnet that is named, unless asked for", () => {
  const of = (worker: object) => cellOf({}, { regions: { "eu-west-1": { worker } } }).worker.network;
  const subnet_id = "subnet-11111111";
  expect(of({ subnet_id })).toMatchObject({ subnetId: subnet_id, associatePublicIpAddress: false });
  expect(of({ subnet_id, associate_public_ip_address: true }).associatePublicIpAddress).toBe(true);
  expect(of({}).associatePublicIpAddress).toBeNull();
});

test("a worker's volume has room over the builder's, or its own size", () => {
  expect(cellOf({ volume: { size_gib: 20 } }).worker.volume.sizeGib).toBe(70);
  expect(cellOf({ volume: { size_gib: 20 }, worker: { volume: { size_gib: 25 } } }).worker.volume.sizeGib).toBe(25);
});
