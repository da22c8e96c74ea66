package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** Functions of libvirt's library for QEMU that its Java binding lacks. */
interface LibvirtQemuNative extends Library {
    LibvirtQemuNative INSTANCE = Native.load("virt-qemu", LibvirtQemuNative.class);

    /** Returns the guest agent's answer, which the caller frees, or null. libvirt notes in the domain's log that there was a command. */
    Pointer virDomainQemuAgentCommand(Pointer domain, String command, int seconds, int flags);
}
