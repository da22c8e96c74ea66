package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.process.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * QEMU's tools as the hypervisor's user, without capabilities and under resource limits: untrusted images have made them
 * allocate memory without bound. They end with the agent.
 */
public record ConfinedTools(HypervisorAccount account) {
    private static final String MEMORY = "--as=" + (2L << 30);
    private static final String NO_CORE = "--core=0";

    /**
     * @param timeout in real time and in processor time
     * @param fileBytes the maximum size of a file that it writes
     */
    public Command command(Duration timeout, long fileBytes, List<String> program) {
        List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--no-new-privs"));
        if (!account.user().equals(account.administrator())) {
            command.addAll(List.of(
                    "--reuid=" + account.user().getName(),
                    "--regid=" + account.group().getName(),
                    "--clear-groups",
                    "--inh-caps=-all",
                    "--bounding-set=-all"));
        }
        String processorTime = "--cpu=" + timeout.toSeconds();
        command.addAll(List.of("--", "prlimit", MEMORY, processorTime, "--fsize=" + fileBytes, NO_CORE, "--"));
        command.addAll(program);
        return new Command(command, new byte[0], timeout);
    }
}
