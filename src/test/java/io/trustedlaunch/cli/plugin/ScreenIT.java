package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.agent.console.ConsoleNode;
import io.trustedlaunch.agent.console.ConsoleSession;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleStatusBuilder;
import io.trustedlaunch.cli.plugin.screen.PlayedVncServer;
import io.trustedlaunch.cli.plugin.screen.RfbClient;
import io.trustedlaunch.testkit.Cluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A VM's screen by the plugin: a real API server, an agent's real server of consoles; the test plays the operator and QEMU. */
class ScreenIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final long LONG = 60;

    private final PlayedVncServer screen = new PlayedVncServer(2, 1, 0xff0000, 0x0000ff);
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final ConsoleNode node = new ConsoleNode(this::open);
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private volatile boolean hasScreen = true;
    private SharedIndexInformer<VMConsole> operator;
    private String namespace;

    @BeforeEach
    void playTheOperator() {
        namespace = CLUSTER.namespace();
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("payroll")
                .build());
        vm.setSpec(Serialization.unmarshal("""
                runStrategy: Always
                imageRef: {name: none}
                cores: 2
                memory: 1Gi
                osDisk: {size: 10Gi}
                """, TrustedLaunchVMSpec.class));
        CLUSTER.admin().resource(vm).create();
        operator = CLUSTER.admin()
                .resources(VMConsole.class)
                .inNamespace(namespace)
                .inform(new Opening());
    }

    @AfterEach
    void close() {
        operator.close();
        node.close();
    }

    private GuestConsole open(ConsoleSession session) {
        if (!hasScreen) {
            throw new HypervisorException(new HypervisorFailure.ScreenMissing(session.vm()));
        }
        try (ServerSocket once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket client = new Socket(InetAddress.getLoopbackAddress(), once.getLocalPort());
            Socket server = once.accept();
            open.add(server);
            Thread.ofVirtual().start(() -> {
                try (server) {
                    screen.serve(server.getInputStream(), server.getOutputStream());
                } catch (IOException e) {
                    return;
                }
            });
            return new SocketConsole(client);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aPictureIsWrittenAndKeysArrive(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("vm.png");
        assertThat(run(new ScreenshotCommand(), "payroll", "-o", file.toString()))
                .as(err.toString())
                .isZero();
        assertThat(ImageIO.read(file.toFile()).getRGB(1, 0) & 0xffffff).isEqualTo(0x0000ff);

        assertThat(run(new SendKeyCommand(), "payroll", "ctrl-alt-del", "enter"))
                .as(err.toString())
                .isZero();
        assertThat(screen.keys())
                .containsExactly("+ffe3", "+ffe9", "+ffff", "-ffff", "-ffe9", "-ffe3", "+ff0d", "-ff0d");
        assertThat(consoles()).isEmpty();
        assertThat(node.audited()).allMatch(line -> line.contains("\"consoleKind\":\"Screen\""));
    }

    @Test
    void aMachineWithoutAScreenIsSaidToHaveNone(@TempDir Path folder) {
        hasScreen = false;
        assertThat(run(
                        new ScreenshotCommand(),
                        "payroll",
                        "-o",
                        folder.resolve("vm.png").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("has no screen");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void thePortStaysWhenTheScreenMovesAndAViewerShares() throws Exception {
        // Not on the common pool, whose one thread the client of the API server needs.
        FutureTask<Integer> vnc = new FutureTask<>(() -> run(new VncCommand(), "payroll", "--proxy-only"));
        Thread.ofPlatform().daemon().start(vnc);
        await().atMost(Cluster.TIMEOUT).until(() -> out.toString().endsWith("\n"));
        String[] address = out.toString().strip().split(":");
        assertThat(address[0]).isEqualTo("127.0.0.1");
        int port = Integer.parseInt(address[1]);

        try (Socket viewer = new Socket("127.0.0.1", port)) {
            RfbClient seen = RfbClient.connect(viewer.getInputStream(), viewer.getOutputStream());
            assertThat(seen.picture().pixels()).containsExactly(0xff0000, 0x0000ff);
            assertThat(run(new SendKeyCommand(), "payroll", "a")).isZero();
            assertThat(seen.picture().pixels()).as("beside the keys").containsExactly(0xff0000, 0x0000ff);

            // QEMU ends.
            open.getFirst().close();
            viewer.setSoTimeout((int) Cluster.TIMEOUT.toMillis());
            assertThat(viewer.getInputStream().read()).isEqualTo(-1);
        }
        await().atMost(Cluster.TIMEOUT).until(() -> err.toString().contains("connect the viewer again"));
        try (Socket viewer = new Socket("127.0.0.1", port)) {
            RfbClient seen = RfbClient.connect(viewer.getInputStream(), viewer.getOutputStream());
            assertThat(seen.picture().pixels()).containsExactly(0xff0000, 0x0000ff);
        }
        await().atMost(Cluster.TIMEOUT).until(() -> err.toString().contains("the viewer has disconnected"));

        CLUSTER.admin().resources(VMConsole.class).inNamespace(namespace).delete();
        assertThat(vnc.get(LONG, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(err.toString()).contains("the VMConsole of this session was deleted");
    }

    private List<VMConsole> consoles() {
        return CLUSTER.admin()
                .resources(VMConsole.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private int run(Object command, String... arguments) {
        return new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .execute(Stream.concat(Stream.of(arguments), Stream.of("-n", namespace))
                        .toArray(String[]::new));
    }

    /** Places each VMConsole on the node, and admits its client there. */
    private final class Opening implements ResourceEventHandler<VMConsole> {
        @Override
        public void onAdd(VMConsole console) {
            assertThat(console.getSpec().kind()).isEqualTo(ConsoleKind.Screen);
            String uid = console.getMetadata().getUid();
            node.grant(
                    uid,
                    console.getMetadata().getName(),
                    console.getSpec().requestedBy(),
                    console.getSpec().kind(),
                    console.getSpec().clientKeySHA256());
            CLUSTER.admin().resource(console).editStatus(seen -> {
                seen.setStatus(VMConsoleStatusBuilder.builder()
                        .observedGeneration(1L)
                        .nodeName(ConsoleNode.NAME)
                        .address("127.0.0.1")
                        .port(node.port())
                        .authority(node.authority().authorityPem())
                        .vmUID(ConsoleNode.VM.toString())
                        .epoch(2L)
                        .expirationTime(Instant.now().plusSeconds(3600).toString())
                        .conditions(List.of(new ConditionBuilder()
                                .withType("Open")
                                .withStatus("True")
                                .withReason(Reason.ConsoleOpen.name())
                                .withMessage("open")
                                .withLastTransitionTime(Instant.now().toString())
                                .build()))
                        .build());
                return seen;
            });
        }

        @Override
        public void onUpdate(VMConsole before, VMConsole now) {}

        @Override
        public void onDelete(VMConsole console, boolean finalStateUnknown) {}
    }

    /** A socket with a played QEMU. */
    private record SocketConsole(Socket socket) implements GuestConsole {
        @Override
        public int read(byte[] buffer) {
            try {
                return socket.getInputStream().read(buffer);
            } catch (IOException e) {
                return ENDED;
            }
        }

        @Override
        public boolean write(byte[] bytes, int length) {
            try {
                socket.getOutputStream().write(bytes, 0, length);
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
