package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.cli.plugin.console.RequestedConsole;
import io.trustedlaunch.cli.plugin.console.VncProxy;
import io.trustedlaunch.cli.plugin.console.VncViewer;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Opens a port of this machine at which a viewer sees the screen of a VM. */
@Command(
        name = "vnc",
        description = {
            "Show the screen of a VM in a viewer for VNC, which this starts: the one of --viewer, or else one that is found"
                    + " (remote-viewer, vncviewer). Without a viewer, connect one to the address that is printed. It ends when"
                    + " the viewer ends that it has started, or by Ctrl+C.",
            "The port is open to all programs on this machine, and to no other machine. It stays when the VM migrates or"
                    + " restarts: the viewer is disconnected, and may connect again. A session of another user takes the"
                    + " screen over from an open one."
        })
final class VncCommand extends VmConsoleCommand {
    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Port of this machine. Default: any free one.")
    private int port;

    @Option(names = "--proxy-only", description = "Start no viewer: only print the address and keep the port open.")
    private boolean proxyOnly;

    @Option(names = "--viewer", paramLabel = "PATH", description = "The viewer to start.")
    private Path viewer;

    VncCommand() {
        super(ConsoleKind.Screen);
    }

    @Override
    int run(RequestedConsole console) throws InterruptedException {
        try (VncProxy proxy = VncProxy.open(port, console, err())) {
            Optional<VncViewer> started = proxyOnly
                    ? Optional.empty()
                    : Optional.ofNullable(viewer).map(VncViewer::new).or(VncViewer::find);
            out().line(proxy.address().getAddress().getHostAddress() + ":"
                    + proxy.address().getPort());
            started.ifPresentOrElse(
                    found -> found.follow(proxy, err()),
                    () -> err().line("connect a viewer for VNC to this address; press Ctrl+C to end the session"));
            return proxy.run();
        }
    }
}
