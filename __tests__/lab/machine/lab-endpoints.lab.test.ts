import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Lab, startLab, stopLab } from "../../../lab/machine/lab";
import { startEndpoints } from "../../../lab/machine/lab-endpoints";
import { shellIn } from "../../../lab/machine/machine-shell";
import { cases, isBooted } from "../../level";
import { boot, metadata } from "../lab-harness";
import { waitForBoot } from "./boot";

jest.setTimeout(120_000);

let lab: Lab;
let api: Server;
const seen: IncomingMessage[] = [];
beforeAll(async () => {
  lab = await startLab();
  api = createServer((request, response) => {
    seen.push(request);
    request.resume();
    response.end(
      "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
    );
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  await startEndpoints(lab.run, {
    url: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    regions: ["eu-west-1"],
  });
});
afterAll(async () => {
  api.closeAllConnections();
  api.close();
  await stopLab(lab);
});

it.each(cases(["bookworm", "trixie", "forky"], isBooted))(
  "the AWS CLI of %s reaches AWS by its real names, with the role's credentials",
  async (generation) => {
    const image = `${generation}-aws`;
    const credentials = () => ({
      accessKeyId: "ASIALAB",
      secretAccessKey: "secret",
      token: "session",
      expiration: "2099-01-01T00:00:00Z",
    });
    const machine = await boot(lab, { image, metadata: { ...metadata, role: { name: "builder", credentials } } });
    await waitForBoot(machine);
    // As the builder asks: the client's own single second is short on a busy machine.
    const patient = "AWS_METADATA_SERVICE_TIMEOUT=5 AWS_METADATA_SERVICE_NUM_ATTEMPTS=5";
    const account = "aws sts get-caller-identity --query Account --output text --region eu-west-1";
    await expect(shellIn(machine, `${patient} ${account}`)).resolves.toBe("123456789012\n");
    const { headers } = seen.at(-1)!;
    expect(headers.host).toBe("sts.eu-west-1.amazonaws.com");
    expect(headers.authorization).toContain("ASIALAB");
    expect(headers["x-amz-security-token"]).toBe("session");
  },
);
