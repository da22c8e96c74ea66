package io.trustedlaunch.fencer.device;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.web.HttpsClient;
import io.trustedlaunch.web.HttpsException;
import io.trustedlaunch.web.HttpsException.Kind;
import io.trustedlaunch.web.HttpsRequest;
import io.trustedlaunch.web.HttpsResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** Reads from one management controller over a connection that only its own authority verifies. */
final class Redfish {
    private static final String ROOT = "/redfish/v1/";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int LONGEST = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> HEADERS = Map.of("Accept", "application/json", "OData-Version", "4.0");

    private final FenceTarget target;
    private final HttpsClient client;

    private Redfish(FenceTarget target, HttpsClient client) {
        this.target = target;
        this.client = client;
    }

    static Machine machine(FenceTarget target) throws FenceException {
        try (HttpsClient client = HttpsClient.trusting(Optional.of(target.caBundle()))) {
            return new Redfish(target, client).machine();
        }
    }

    private Machine machine() throws FenceException {
        String path = target.path().isPresent() ? target.path().get() : onlySystem();
        String uuid = read(path).path("UUID").asText();
        return MachineUuid.parse(uuid)
                .map(parsed -> new Machine(path, parsed))
                .orElseThrow(
                        () -> fault(
                                path,
                                "reports the UUID '" + bounded(uuid)
                                        + "', which names no machine: set one in the machine's firmware, or fence the node by a statement"));
    }

    private String onlySystem() throws FenceException {
        String systems = link(ROOT, read(ROOT).path("Systems"));
        JsonNode members = read(systems).path("Members");
        if (members.size() != 1) {
            throw fault(systems, "lists " + members.size() + " systems: name the node's in spec.systemsURI");
        }
        return link(systems, members.get(0));
    }

    /** Only a path: credentials go to this controller alone. */
    private String link(String from, JsonNode node) throws FenceException {
        String path = node.path("@odata.id").asText();
        if (!path.startsWith("/redfish/") || path.startsWith("//")) {
            throw fault(from, "lacks a link to its systems: name the node's in spec.systemsURI");
        }
        return path;
    }

    private JsonNode read(String path) throws FenceException {
        try (HttpsResponse response = client.send(request(path), TIMEOUT)) {
            if (!response.isOfOrigin(URI.create("https://" + target.address()))) {
                throw fault(path, "leads to another server, which is not asked: correct spec.address");
            }
            return parsed(path, response);
        } catch (HttpsException e) {
            throw unanswered(e);
        }
    }

    private HttpsRequest request(String path) throws FenceException {
        URI address = URI.create("https://" + target.address() + path);
        if (!HttpsClient.isHttps(address)) {
            throw fault(path, "is not an address: correct spec.address");
        }
        return new HttpsRequest(address, HEADERS, Optional.of(basic()));
    }

    private String basic() {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString((target.username() + ":" + target.password()).getBytes(ISO_8859_1));
    }

    private JsonNode parsed(String path, HttpsResponse response) throws FenceException, HttpsException {
        if (response.status() == 401 || response.status() == 403) {
            throw new FenceException(
                    Reason.WrongPassword,
                    target.address() + " answers " + response.status() + " for " + path
                            + ": correct username and password in the Secret, and the user's role in the controller");
        }
        if (response.status() != 200) {
            throw fault(path, "answers " + response.status() + ": check spec.systemsURI and the controller");
        }
        byte[] body = response.upTo(LONGEST, TIMEOUT)
                .orElseThrow(() -> fault(path, "answers with more than 1 MiB: check the controller"));
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw fault(path, "answers with something else than JSON: check spec.address and the controller");
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory", e);
        }
    }

    private FenceException unanswered(HttpsException e) {
        return e.kind() == Kind.UNTRUSTED
                ? new FenceException(
                        Reason.UntrustedCertificate,
                        e.getMessage()
                                + ": put the authority of the controller's certificate into ca.crt of the Secret,"
                                + " and give the controller a certificate that names spec.address")
                : new FenceException(
                        Reason.FenceDeviceUnreachable,
                        e.getMessage() + ": check the controller, its network and spec.address");
    }

    private FenceException fault(String path, String what) {
        return new FenceException(Reason.FenceDeviceFault, target.address() + path + " " + what);
    }

    private static String bounded(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}
