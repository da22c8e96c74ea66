package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.cli.plugin.terminal.StandardErrorLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLServerSocketFactory;

/**
 * Runs commands that only read, against a server of its own, so that the JVM can archive the classes of most commands:
 * {@code bin/install-plugin} starts it, with the file of the certificate of the JVM's key store.
 */
final class Rehearsal {
    private static final String IMAGE = """
            {"apiVersion": "trustedlaunch.io/v1alpha1", "kind": "GuestImage", "metadata": {"name": "rehearsal"},
             "spec": {"osType": "Linux", "identifier": {"publisher": "p", "offer": "o", "sku": "s"}, "version": "1"},
             "status": {"size": 1048576, "conditions": [{"type": "Ready", "status": "True", "reason": "Ready",
              "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}""";
    private static final String IMAGES = """
            {"apiVersion": "trustedlaunch.io/v1alpha1", "kind": "GuestImageList", "metadata": {}, "items": [%s]}""".formatted(IMAGE);
    private static final String VM = """
            {"apiVersion": "trustedlaunch.io/v1alpha1", "kind": "TrustedLaunchVM",
             "metadata": {"name": "rehearsal", "namespace": "default"},
             "spec": {"runStrategy": "Always", "imageRef": {"name": "rehearsal"}, "cores": 1, "memory": "1Gi",
              "osDisk": {"size": "1Gi"}},
             "status": {"conditions": [{"type": "Ready", "status": "True", "reason": "Ready", "message": "",
              "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}""";

    private Rehearsal() {}

    public static void main(String[] args) throws Exception {
        StandardErrorLog.install();
        Path kubeconfig = Files.createTempFile("kubeconfig", "");
        try (ServerSocket server =
                SSLServerSocketFactory.getDefault().createServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> serve(server));
            Files.writeString(kubeconfig, kubeconfig(args[0], server.getLocalPort()));
            for (String command : List.of("images", "images --all", "status rehearsal")) {
                run((command + " --kubeconfig " + kubeconfig).split(" "));
            }
            run("--help");
            run("--version");
        } finally {
            Files.delete(kubeconfig);
        }
    }

    private static void run(String... command) {
        int code = KubectlTlvm.line(command)
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .setOut(new PrintWriter(Writer.nullWriter()))
                .execute(command);
        if (code != 0) {
            throw new IllegalStateException("the rehearsal of " + command[0] + " failed");
        }
    }

    private static String kubeconfig(String authority, int port) {
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: it, cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}}]
                contexts: [{name: it, context: {cluster: it, user: me, namespace: default}}]
                current-context: it
                users: [{name: me, user: {token: none}}]
                """.formatted(port, authority);
    }

    private static void serve(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket connection = server.accept();
                    BufferedReader in =
                            new BufferedReader(new InputStreamReader(connection.getInputStream(), US_ASCII))) {
                String request = in.readLine();
                String header = request;
                while (header != null && !header.isEmpty()) {
                    header = in.readLine();
                }
                byte[] body = (request != null && request.contains("guestimages") ? IMAGES : VM).getBytes(UTF_8);
                connection
                        .getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                                        + "Content-Length: " + body.length + "\r\n\r\n")
                                .getBytes(US_ASCII));
                connection.getOutputStream().write(body);
            } catch (IOException e) {
                // The client says what it missed.
                continue;
            }
        }
    }
}
