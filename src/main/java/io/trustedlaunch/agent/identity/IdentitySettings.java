package io.trustedlaunch.agent.identity;

import java.nio.file.Path;

/**
 * @param nodeName the Kubernetes node that this agent's token is bound to
 * @param operatorNamespace where the operator publishes its authorities
 * @param folder for keys and certificates; only root has access
 * @param qemu the files for QEMU
 */
public record IdentitySettings(String nodeName, String operatorNamespace, Path folder, QemuFiles qemu) {}
