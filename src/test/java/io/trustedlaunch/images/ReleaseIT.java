package io.trustedlaunch.images;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.testkit.DockerRegistry;
import io.trustedlaunch.testkit.Program;
import io.trustedlaunch.testkit.Program.Outcome;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release, published in Debian's docker-registry, by {@code bin/campaign ReleaseIT}. Needs root, to build the images. */
@Tag("campaign")
class ReleaseIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VERSION = "9.8.7";
    private static final String PATH = "/acme/virtualization";

    private static Path keys;
    private static DockerRegistry registry;
    private static Program programs;
    private static List<String> published;

    @BeforeAll
    static void release(@TempDir Path folder) throws Exception {
        ServerCertificate certificate = ServerCertificate.make(folder.resolve("certificate"), 2);
        registry = DockerRegistry.withPassword(folder.resolve("registry"), certificate, "ada", "hunter2");
        Path docker = Files.createDirectories(folder.resolve("docker"));
        Files.writeString(docker.resolve("config.json"), """
                {"auths": {"%s": {"auth": "%s"}}}
                """.formatted(
                        registry.authority(), Base64.getEncoder().encodeToString("ada:hunter2".getBytes(UTF_8))));
        programs = new Program(Map.of(
                "SSL_CERT_FILE", certificate.folder().resolve("ca.crt").toString(),
                "DOCKER_CONFIG", docker.toString(),
                "HELM_REGISTRY_CONFIG", docker.resolve("config.json").toString(),
                "COSIGN_PASSWORD", ""));
        keys = Files.createDirectories(folder.resolve("keys"));
        for (String owner : List.of("project", "stranger")) {
            programs.run("cosign", "generate-key-pair", "--output-key-prefix", keyOf(owner));
        }
        published = runRelease("project").output().lines().toList();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        registry.close();
    }

    @Test
    void imagesAndChartAreNamedByTagAndDigest() {
        String place = registry.authority() + PATH;
        assertThat(published).hasSize(4);
        assertThat(published.get(0)).matches(place + "/trusted-launch-operator:" + VERSION + "@sha256:[0-9a-f]{64}");
        assertThat(published.get(1)).matches(place + "/trusted-launch-agent:" + VERSION + "@sha256:[0-9a-f]{64}");
        assertThat(published.get(2)).matches(place + "/trusted-launch-fencer:" + VERSION + "@sha256:[0-9a-f]{64}");
        assertThat(published.get(3))
                .matches(place + "/charts/trusted-launch-operator:" + VERSION + "@sha256:[0-9a-f]{64}");
    }

    @Test
    void whatIsPublishedIsSignedWithTheKeyOfTheProject() throws Exception {
        for (String reference : published) {
            assertThat(verify(reference, "project").code()).isZero();
        }
    }

    @Test
    void anImageThatAnotherKeySignedIsRefused() throws Exception {
        String image = registry.authority() + PATH + "/forged:1";
        programs.run("skopeo", "copy", "--quiet", "docker://" + byDigest(published.get(0)), "docker://" + image);
        programs.run("cosign", "sign", "--yes", "--tlog-upload=false", "--key", keyOf("stranger") + ".key", image);

        assertThat(verify(image, "stranger").code()).isZero();
        Outcome refused = verify(image, "project");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.messages()).contains("no matching signatures");
    }

    @Test
    void anImageWithoutASignatureIsRefused() throws Exception {
        String image = registry.authority() + PATH + "/unsigned:1";
        programs.run("skopeo", "copy", "--quiet", "docker://" + byDigest(published.get(0)), "docker://" + image);
        assertThat(verify(image, "project").messages()).contains("no signatures found");
    }

    @Test
    void itIsAttestedWhatAnImageConsistsOf() throws Exception {
        JsonNode operator = billOfMaterials(published.get(0));
        JsonNode agent = billOfMaterials(published.get(1));
        assertThat(operator.at("/metadata/component/purl").asText())
                .startsWith("pkg:oci/trusted-launch-operator@sha256%3A");
        assertThat(components(operator))
                .anyMatch(purl -> purl.startsWith("pkg:maven/io.fabric8/kubernetes-client@"))
                .anyMatch(purl -> purl.startsWith("pkg:deb/debian/libc6@"))
                .anyMatch(purl -> purl.startsWith("pkg:deb/debian/openjdk-25-jdk-headless@"))
                .noneMatch(purl -> purl.contains("libvirt0"))
                .noneMatch(purl -> purl.contains("junit"));
        assertThat(components(agent))
                .anyMatch(purl -> purl.startsWith("pkg:deb/debian/libvirt0@"))
                .anyMatch(purl -> purl.startsWith("pkg:maven/org.libvirt/libvirt@"))
                .noneMatch(purl -> purl.contains("io.javaoperatorsdk"));
        assertThat(components(billOfMaterials(published.get(2))))
                .anyMatch(purl -> purl.startsWith("pkg:deb/debian/fence-agents"))
                .noneMatch(purl -> purl.contains("libvirt") || purl.contains("software.amazon"));
    }

    @Test
    void thePublishedChartRunsThePublishedImages() throws Exception {
        String chart = "oci://" + registry.authority() + PATH + "/charts/trusted-launch-operator";
        String manifests = programs.run(
                "helm",
                "template",
                "trusted-launch",
                chart,
                "--namespace",
                "trusted-launch-system",
                "--version",
                VERSION,
                "--kube-version",
                "1.32",
                "--set",
                "fencing.enabled=true");
        assertThat(manifests)
                .contains(byDigest(published.get(0)))
                .contains(byDigest(published.get(1)))
                .contains(byDigest(published.get(2)))
                .contains("app.kubernetes.io/version: \"" + VERSION + "\"");
    }

    @Test
    void aVersionIsPublishedOnce() throws Exception {
        Outcome second = runRelease("stranger");
        assertThat(second.code()).isNotZero();
        assertThat(second.messages()).contains("trusted-launch-operator:" + VERSION + " is published already");
    }

    private static Outcome runRelease(String owner) throws IOException, InterruptedException {
        return programs.outcome(
                "bin/release",
                "--registry",
                registry.authority() + PATH,
                "--key",
                keyOf(owner) + ".key",
                "--tag",
                VERSION,
                "--built",
                "--dirty");
    }

    private static Outcome verify(String reference, String owner) throws IOException, InterruptedException {
        return programs.outcome(
                "cosign", "verify", "--insecure-ignore-tlog", "--key", keyOf(owner) + ".pub", byDigest(reference));
    }

    private static JsonNode billOfMaterials(String reference) throws IOException, InterruptedException {
        String attestation = programs.run(
                "cosign",
                "verify-attestation",
                "--type=cyclonedx",
                "--insecure-ignore-tlog",
                "--key",
                keyOf("project") + ".pub",
                byDigest(reference));
        byte[] statement = Base64.getDecoder()
                .decode(JSON.readTree(attestation).path("payload").asText());
        return JSON.readTree(statement).path("predicate");
    }

    private static List<String> components(JsonNode billOfMaterials) {
        return billOfMaterials.path("components").findValuesAsText("purl");
    }

    /** Of NAME:TAG@DIGEST, which not every program takes. */
    private static String byDigest(String reference) {
        return reference.replace(":" + VERSION + "@", "@");
    }

    private static String keyOf(String owner) {
        return keys.resolve(owner).toString();
    }
}
