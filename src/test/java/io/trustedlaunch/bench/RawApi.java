package io.trustedlaunch.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/** Requests without a typed client, which would cost more than the API server. */
record RawApi(KubernetesClient client) {
    private static final int TIMEOUT_SECONDS = 60;

    String get(String path) {
        return send(client.getHttpClient().newHttpRequestBuilder(), "GET", path);
    }

    String create(String path, String body) {
        return send("POST", path, "application/json", body);
    }

    void merge(String path, String body) {
        send("PATCH", path, "application/merge-patch+json", body);
    }

    /** Server-side apply. */
    void apply(String path, String body) {
        send("PATCH", path, "application/apply-patch+yaml", body);
    }

    void deleteAll(String path) {
        send("DELETE", path, "application/json", "{}");
    }

    private String send(String method, String path, String type, String body) {
        return send(client.getHttpClient().newHttpRequestBuilder().method(method, type, body), method, path);
    }

    private String send(HttpRequest.Builder builder, String method, String path) {
        String server = client.getMasterUrl().toString().replaceAll("/$", "");
        HttpRequest request = builder.uri(URI.create(server + path)).build();
        HttpResponse<byte[]> response = client.getHttpClient()
                .sendAsync(request, byte[].class)
                .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .join();
        String answer = new String(response.body(), UTF_8);
        if (!response.isSuccessful()) {
            throw new IllegalStateException(method + " " + path + " → " + response.code() + " " + answer);
        }
        return answer;
    }
}
