package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.SecretSearch;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Archives of a real API server, which has no agents. */
class SupportBundleIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private final byte[] key = bytes();
    private final String password = HexFormat.of().formatHex(bytes());

    @TempDir
    private Path folder;

    private String namespace;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void makeVm() {
        namespace = CLUSTER.namespace();
        vm(namespace, "payroll");
        CLUSTER.create(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("payroll-key")
                .endMetadata()
                .addToData("key", Base64.getEncoder().encodeToString(key))
                .build());
        CLUSTER.create(new EventBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("payroll.1")
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion("trustedlaunch.io/v1alpha1")
                .withKind("TrustedLaunchVM")
                .withNamespace(namespace)
                .withName("payroll")
                .endInvolvedObject()
                .withType("Warning")
                .withReason("BucketAway")
                .withMessage("GET https://jane:" + password + "@store/b?signature=" + password + " failed")
                .withLastTimestamp(Instant.now().toString())
                .build());
    }

    private void vm(String where, String name) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace(where)
                .withName(name)
                .addToAnnotations("example.com/copied", "password " + password)
                .build());
        vm.setSpec(Serialization.unmarshal("""
                runStrategy: Always
                imageRef: {name: none}
                cores: 2
                memory: 1Gi
                osDisk: {size: 10Gi}
                """, TrustedLaunchVMSpec.class));
        CLUSTER.create(vm);
    }

    @Test
    void itHasObjectsEventsAndVersionsAndNoSecret() throws IOException {
        Ran ran = run("-n", namespace);

        assertThat(ran.code()).isZero();
        assertThat(ran.err()).isEmpty();
        Path files = unpacked();
        assertThat(text(files, "versions.txt")).contains("plugin: ", "api server: v");
        assertThat(text(files, "objects/trustedlaunchvms-" + namespace + ".yaml"))
                .contains("name: \"payroll\"", "cores: 2")
                .doesNotContain("managedFields", "example.com/copied");
        assertThat(text(files, "events.txt"))
                .contains("Warning BucketAway TrustedLaunchVM " + namespace
                        + "/payroll GET https://(left out)@store/b?(left out) failed");
        assertThat(text(files, "missing.txt")).isEqualTo("nothing\n");
        assertThat(new SecretSearch(Map.of("key", key, "password", password.getBytes(StandardCharsets.US_ASCII)))
                        .files(files, file -> false))
                .isEmpty();
    }

    @Test
    void otherNamespacesAreInItOnlyIfNoneIsNamed() throws IOException {
        String other = CLUSTER.namespace();
        vm(other, "elsewhere");

        run("-n", namespace);
        assertThat(all(unpacked())).contains("payroll").doesNotContain("elsewhere");

        run("--force");
        assertThat(all(unpacked())).contains("payroll", "elsewhere");
    }

    @Test
    void whoMayReadNothingGetsWhatIsMissing() throws IOException {
        Path kubeconfig = folder.resolve("kubeconfig");
        Files.writeString(kubeconfig, CLUSTER.kubeconfigWith(tokenOfNobody()));

        Ran ran = run("--kubeconfig", kubeconfig.toString());

        assertThat(ran.code()).isZero();
        assertThat(ran.err()).contains("missing: trustedlaunchvms", "you may not read it");
        Path files = unpacked();
        assertThat(text(files, "missing.txt")).contains("nodes (/api/v1/nodes): you may not read it", "events");
        assertThat(all(files)).doesNotContain("payroll");
    }

    @Test
    void aFileThatIsThereIsReplacedOnlyByForce() throws IOException {
        Files.writeString(bundle(), "mine");

        assertThat(run("-n", namespace).err()).contains("bundle.zip", "--force");
        assertThat(bundle()).hasContent("mine");

        assertThat(run("-n", namespace, "--force").code()).isZero();
        assertThat(all(unpacked())).contains("payroll");
        assertThat(bundle().resolveSibling("bundle.zip.part")).doesNotExist();
    }

    private String tokenOfNobody() {
        CLUSTER.create(new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("nobody")
                .endMetadata()
                .build());
        return CLUSTER.token(namespace, "nobody", Optional.empty());
    }

    private Path bundle() {
        return folder.resolve("bundle.zip");
    }

    private Ran run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new SupportBundleCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .execute(Stream.of(arguments, new String[] {"-o", bundle().toString()})
                        .flatMap(Arrays::stream)
                        .toArray(String[]::new));
        return new Ran(code, out.toString(), err.toString());
    }

    private Path unpacked() throws IOException {
        Path to = Files.createTempDirectory(folder, "unpacked");
        try (ZipFile zip = new ZipFile(bundle().toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path file = to.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.write(file, zip.getInputStream(entry).readAllBytes());
            }
        }
        return to;
    }

    private static String text(Path files, String name) throws IOException {
        return Files.readString(files.resolve(name));
    }

    private static String all(Path files) throws IOException {
        try (Stream<Path> tree = Files.walk(files)) {
            StringBuilder all = new StringBuilder();
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file));
            }
            return all.toString();
        }
    }

    private static byte[] bytes() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
