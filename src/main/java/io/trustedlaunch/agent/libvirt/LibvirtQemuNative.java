package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;

/** Functions of libvirt's library for QEMU that its Java binding lacks. */
interface LibvirtQemuNative extends Library {
    LibvirtQemuNative INSTANCE = Native.load("virt-qemu", LibvirtQemuNative.class);

    /** Returns the guest agent's answer, which the caller frees, or null. libvirt notes in the domain's log that there was a command. */
    Pointer virDomainQemuAgentCommand(Pointer domain, String command, int seconds, int flags);

    /**
     * Since 8.2. Passes descriptors with a command of QEMU's monitor. Sets the result to QEMU's answer, which the caller frees;
     * returns -1 on failure.
     */
    int virDomainQemuMonitorCommandWithFiles(
            Pointer domain,
            String command,
            int files,
            int[] descriptors,
            Pointer noAnsweredFiles,
            Pointer noAnsweredDescriptors,
            PointerByReference result,
            int flags);
}
