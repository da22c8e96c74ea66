package io.trustedlaunch.agent.identity;

import java.nio.file.Path;

/**
 * @param nodeName the Kubernetes node that this agent's token is bound to
 * @param operatorNamespace where the operator publishes its authority
 * @param folder for keys and certificates, root's alone
 * @param qemu where QEMU finds what is its own
 */
public record IdentitySettings(String nodeName, String operatorNamespace, Path folder, QemuFiles qemu) {}
