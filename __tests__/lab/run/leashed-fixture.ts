/** Starts a program with a child of its own on the leash, says their ids, and stays. */
import { runLeashed } from "../../../lab/run/leashed";

const script = 'trap "" TERM; sleep 300 & echo "$$ $!"; wait; wait';
runLeashed(["bash", "-c", script], { endSeconds: 1, say: (line) => console.log(line) }).catch(() => {});
