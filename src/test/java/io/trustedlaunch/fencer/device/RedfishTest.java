package io.trustedlaunch.fencer.device;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.RawHttpsServer.Request;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedfishTest {
    private static final String UUID = "dd1f0b6f-7e2c-45ed-8737-b6004f4224cf";

    @TempDir
    static Path folder;

    private static ServerCertificate certificate;

    private final Map<String, String> pages = new HashMap<>();
    private RawHttpsServer server;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = ServerCertificate.make(folder, 1);
    }

    @BeforeEach
    void start() throws IOException {
        server = new RawHttpsServer(certificate);
        server.respond(this::answer);
        pages.put("/redfish/v1/", "{'Systems': {'@odata.id': '/redfish/v1/Systems'}}");
        pages.put("/redfish/v1/Systems", "{'Members': [{'@odata.id': '/redfish/v1/Systems/7'}]}");
        pages.put("/redfish/v1/Systems/7", "{'UUID': '" + UUID.toUpperCase(Locale.ROOT) + "'}");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private void answer(Request request, OutputStream out) throws IOException {
        assertThat(request.method()).isEqualTo("GET");
        String page = pages.getOrDefault(request.target(), "404 Not Found");
        boolean isBody = page.startsWith("{") || page.startsWith("<");
        String body = isBody ? page.replace('\'', '"') : "";
        out.write(("HTTP/1.1 " + (isBody ? "200 OK" : page) + "\r\nContent-Length: " + body.length()
                        + "\r\nConnection: close\r\n\r\n" + body)
                .getBytes(ISO_8859_1));
    }

    private FenceTarget target() {
        return FenceTargetBuilder.builder(FakeFenceAgent.TARGET)
                .address(server.authority())
                .path(Optional.empty())
                .caBundle(certificate.authority())
                .build();
    }

    @Test
    void theOnlySystemOfAControllerIsFound() throws FenceException {
        assertThat(Redfish.machine(target()))
                .isEqualTo(new Machine(
                        "/redfish/v1/Systems/7", MachineUuid.parse(UUID).orElseThrow()));
        assertThat(server.requests())
                .isNotEmpty()
                .allSatisfy(
                        request -> assertThat(request.header("authorization")).contains("Basic YWRtaW46c2VjcmV0"));
    }

    @Test
    void aControllerWithoutSystemsOrWithSeveralNeedsAPath() {
        pages.put(
                "/redfish/v1/Systems",
                "{'Members': [{'@odata.id': '/redfish/v1/Systems/7'}, {'@odata.id': '/redfish/v1/Systems/8'}]}");
        assertRefused(Reason.FenceDeviceFault, "lists 2 systems: name the node's in spec.systemsURI");
        pages.put("/redfish/v1/Systems", "{'Members': []}");
        assertRefused(Reason.FenceDeviceFault, "lists 0 systems");
        pages.put("/redfish/v1/", "{}");
        assertRefused(Reason.FenceDeviceFault, "lacks a link to its systems");
    }

    @Test
    void credentialsGoToNoOtherServer() throws IOException {
        try (RawHttpsServer other = new RawHttpsServer(certificate)) {
            other.respond(this::answer);
            pages.put("/redfish/v1/", "302 Found\r\nLocation: " + other.url("/redfish/v1/Systems/7"));
            assertRefused(Reason.FenceDeviceFault, "leads to another server");
            pages.put("/redfish/v1/", "{'Systems': {'@odata.id': '//" + other.authority() + "/x'}}");
            assertRefused(Reason.FenceDeviceFault, "lacks a link to its systems");
            assertThat(other.requests())
                    .allSatisfy(request ->
                            assertThat(request.header("authorization")).isEmpty());
        }
    }

    @Test
    void aRefusalByTheControllerIsTold() {
        pages.put("/redfish/v1/Systems/7", "401 Unauthorized");
        assertRefused(Reason.WrongPassword, "answers 401 for /redfish/v1/Systems/7");
        pages.put("/redfish/v1/Systems/7", "403 Forbidden");
        assertRefused(Reason.WrongPassword, "the user's role");
        pages.put("/redfish/v1/Systems/7", "503 Busy");
        assertRefused(Reason.FenceDeviceFault, "answers 503");
    }

    @Test
    void whatIsNoMachineIsAFault() {
        pages.put("/redfish/v1/Systems/7", "{'UUID': null}");
        assertRefused(Reason.FenceDeviceFault, "reports the UUID 'null'");
        pages.put("/redfish/v1/Systems/7", "{'UUID': '" + "x".repeat(1000) + "'}");
        assertRefused(Reason.FenceDeviceFault, "x".repeat(64) + "…'");
        pages.put("/redfish/v1/Systems/7", "<html>");
        assertRefused(Reason.FenceDeviceFault, "something else than JSON");
        pages.put("/redfish/v1/Systems/7", "{" + " ".repeat(2 << 20));
        assertRefused(Reason.FenceDeviceFault, "more than 1 MiB");
    }

    @Test
    void onlyThePinnedAuthorityCounts() throws Exception {
        String other = ServerCertificate.make(Files.createDirectory(folder.resolve("other")), 1)
                .authority();
        FenceTarget target =
                FenceTargetBuilder.builder(target()).caBundle(other).build();
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> Redfish.machine(target))
                .matches(e -> e.problem().reason() == Reason.UntrustedCertificate);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void whatOnlyLooksLikeAnAddressIsAFault() {
        FenceTarget target =
                FenceTargetBuilder.builder(target()).address("10.0.1:8443").build();
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> Redfish.machine(target))
                .withMessageContaining("is not an address: correct spec.address")
                .matches(e -> e.problem().reason() == Reason.FenceDeviceFault);
    }

    private void assertRefused(Reason reason, String message) {
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> Redfish.machine(target()))
                .withMessageContaining(message)
                .matches(e -> e.problem().reason() == reason);
    }
}
