package io.trustedlaunch.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/**
 * A raw request to an API server, for tests of what the server accepts: a typed client would add its own defaults. Bodies are
 * YAML or JSON.
 */
public record Call(String method, String path, String contentType, String body) {
    private static final String YAML = "application/yaml";

    /** @param message of the server's Status; empty unless the server refused */
    public record Response(int code, String message) {
        public boolean succeeded() {
            return code / 100 == 2;
        }

        public boolean forbidden() {
            return code == 403;
        }
    }

    public static Call get(String path) {
        return new Call("GET", path, null, null);
    }

    public static Call create(String path, String body) {
        return new Call("POST", path, YAML, body);
    }

    public static Call merge(String path, String body) {
        return new Call("PATCH", path, "application/merge-patch+json", body);
    }

    /** Server-side apply. */
    public static Call apply(String path, String body) {
        return new Call("PATCH", with(path, "fieldManager=test&force=true"), "application/apply-patch+yaml", body);
    }

    public static Call delete(String path) {
        return new Call("DELETE", path, null, null);
    }

    public boolean writes() {
        return !method.equals("GET");
    }

    /** The same request as a dry run: it passes all of the server's checks and changes nothing. */
    public Call dryRun() {
        return writes() ? new Call(method, with(path, "dryRun=All"), contentType, body) : this;
    }

    /** The same request with strict validation, as kubectl sends it: an unknown field is an error. */
    public Call strict() {
        return new Call(method, with(path, "fieldValidation=Strict"), contentType, body);
    }

    public Response by(KubernetesClient client) {
        URI uri = URI.create(client.getMasterUrl().toString().replaceAll("/$", "") + path);
        HttpRequest.Builder request =
                client.getHttpClient().newHttpRequestBuilder().uri(uri);
        if (body != null || writes()) {
            request.method(method, contentType == null ? "application/json" : contentType, body == null ? "" : body);
        }
        HttpResponse<String> response = client.getHttpClient()
                .sendAsync(request.build(), String.class)
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
        return new Response(response.code(), response.isSuccessful() ? "" : message(response.body()));
    }

    private static String message(String status) {
        try {
            return new ObjectMapper().readTree(status).path("message").asText(status);
        } catch (JsonProcessingException notJson) {
            return status;
        }
    }

    private static String with(String path, String query) {
        return path + (path.contains("?") ? "&" : "?") + query;
    }
}
