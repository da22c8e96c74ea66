package io.trustedlaunch.cli.plugin.console;

import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A program of the user's that shows a screen by the protocol of VNC. */
public record VncViewer(Path program) {
    /** In this order. The last ones take the address of TigerVNC and its relatives. */
    private static final List<String> KNOWN =
            List.of("remote-viewer", "vncviewer", "xtigervncviewer", "xtightvncviewer");

    /** The first that is found on the PATH. */
    public static Optional<VncViewer> find() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return find(Stream.of(path.split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of)
                .toList());
    }

    static Optional<VncViewer> find(List<Path> folders) {
        return KNOWN.stream()
                .flatMap(name -> folders.stream().map(folder -> folder.resolve(name)))
                .filter(Files::isExecutable)
                .findFirst()
                .map(VncViewer::new);
    }

    List<String> command(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        boolean takesUrl = program.getFileName().toString().startsWith("remote-viewer");
        return List.of(
                program.toString(),
                takesUrl ? "vnc://" + host + ":" + address.getPort() : host + "::" + address.getPort());
    }

    /**
     * Starts it, and again after the screen was closed, as by a restart of the VM. The proxy is closed when the user has closed the
     * viewer, and stays open if the viewer cannot be started.
     */
    public void follow(VncProxy proxy, TextOutput messages) {
        Thread.ofPlatform().daemon().name("viewer-process").start(() -> run(proxy, messages));
    }

    private void run(VncProxy proxy, TextOutput messages) {
        try {
            do {
                Process viewer = new ProcessBuilder(command(proxy.address()))
                        // It prints what servers say.
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.DISCARD)
                        .start();
                Runtime.getRuntime().addShutdownHook(new Thread(viewer::destroy));
                viewer.waitFor();
            } while (proxy.wasCut());
            proxy.close();
        } catch (IOException e) {
            messages.line("cannot start the viewer: " + e.getMessage()
                    + "; connect one to the address above, or press Ctrl+C to end the session");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
