package io.trustedlaunch.agent;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.libvirt.LibvirtHypervisor;
import io.trustedlaunch.agent.libvirt.LibvirtSettings;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A program that uses a root as the agent does, and prints what it sees there. */
final class InsideHostRoot {
    private InsideHostRoot() {}

    public static void main(String[] arguments) throws IOException, HostRoot.UnusableException {
        HostRoot.use(Path.of(arguments[0]));
        System.out.println(
                "file " + Files.readString(Path.of("/etc/which-root")).strip());
        HypervisorAccount account = HypervisorAccount.named(Optional.empty(), Optional.empty());
        Path owned = Files.createFile(Path.of("/owned"));
        Files.setOwner(owned, account.user());
        System.out.println("owner " + Files.getAttribute(owned, "unix:uid"));
        System.out.println("program "
                + Command.of(Duration.ofSeconds(30), "which-root")
                        .run()
                        .output()
                        .strip());
        try (Hypervisor hypervisor = new LibvirtHypervisor(LibvirtSettings.system())) {
            hypervisor.host();
        } catch (HypervisorException e) {
            System.out.println("libvirt " + e.getMessage());
        }
        System.out.println(
                "address " + InetAddress.getByName("which-root.example").getHostAddress());
    }
}
