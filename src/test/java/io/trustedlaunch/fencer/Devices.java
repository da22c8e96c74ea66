package io.trustedlaunch.fencer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.testkit.Manifest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** A FenceDevice and what belongs to it. */
final class Devices {
    static final String NAMESPACE = "fencing";
    static final String MACHINE = "dd1f0b6f-7e2c-45ed-8737-b6004f4224cf";

    static final Manifest DEVICE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: FenceDevice
            metadata: {name: bmc-a, generation: 3}
            spec:
              nodeName: host-a
              agent: fence_redfish
              address: bmc-a:8443
              systemsURI: /redfish/v1/Systems/a
              secretRef: {name: bmc-a}
            """);

    static final Manifest FENCE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: NodeFence
            metadata: {name: host-a-3f0c1b2a, resourceVersion: "17", creationTimestamp: "2026-01-01T10:00:00Z"}
            spec: {nodeName: host-a, bootID: 3f0c1b2a-0000-4000-8000-000000000000, method: Power, machineUUID: %s, nodeUID: uid-a}
            status: {phase: Fencing}
            """.formatted(MACHINE));

    static final Manifest NODE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: ClusterNode
            metadata: {name: host-a, uid: uid-a}
            spec: {machineUUID: %s}
            """.formatted(MACHINE));

    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private Devices() {}

    static FenceDevice device(String... changes) {
        return YAML.unmarshal(changed(DEVICE, changes), FenceDevice.class);
    }

    static NodeFence fence(String... changes) {
        return YAML.unmarshal(changed(FENCE, changes), NodeFence.class);
    }

    static ClusterNode node(String... changes) {
        return YAML.unmarshal(changed(NODE, changes), ClusterNode.class);
    }

    private static String changed(Manifest manifest, String... changes) {
        Manifest now = manifest;
        for (String change : changes) {
            now = now.with(change);
        }
        return now.yaml();
    }

    /** Name and value in turn; without a value, the key is left out. */
    static Secret secret(Map<String, String> changes) {
        Map<String, String> data = new LinkedHashMap<>(Map.of(
                "nodeName", "host-a",
                "address", "bmc-a:8443",
                "username", "admin",
                "password", "secret",
                "ca.crt", "authority"));
        data.putAll(changes);
        Secret secret = new Secret();
        secret.setData(new LinkedHashMap<>());
        data.forEach((key, value) -> {
            if (!value.isEmpty()) {
                secret.getData().put(key, Base64.getEncoder().encodeToString(value.getBytes(UTF_8)));
            }
        });
        return secret;
    }
}
