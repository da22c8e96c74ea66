package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.LibvirtException;

/** Converts libvirt's errors. */
final class LibvirtErrors {
    private static final int MAX_LENGTH = 400;

    private LibvirtErrors() {}

    static boolean isNoDomain(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_NO_DOMAIN);
    }

    /** The call does not fit the domain's state. */
    static boolean isOperationInvalid(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_OPERATION_INVALID);
    }

    static boolean isUnsupported(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_OPERATION_UNSUPPORTED);
    }

    /** A checkpoint is missing, or one of its bitmaps is missing or inconsistent. */
    static boolean isUnusableCheckpoint(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_NO_DOMAIN_CHECKPOINT)
                || is(error, ErrorNumber.VIR_ERR_CHECKPOINT_INCONSISTENT);
    }

    static boolean isNoBackup(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_NO_DOMAIN_BACKUP);
    }

    /** An error without a number of its own. */
    static boolean isInternal(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_INTERNAL_ERROR);
    }

    static boolean isNoSecret(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_NO_SECRET);
    }

    /** Whether the connection failed, not the call. */
    static boolean isConnectionLost(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_NO_CONNECT)
                || is(error, ErrorNumber.VIR_ERR_INVALID_CONN)
                || is(error, ErrorNumber.VIR_ERR_RPC);
    }

    static HypervisorException unavailable(LibvirtException error) {
        return new HypervisorException(new HypervisorFailure.Unavailable(text(error)), error);
    }

    static HypervisorException failed(String action, LibvirtException error) {
        return new HypervisorException(
                new HypervisorFailure.OperationFailed("libvirt cannot " + action + ": " + text(error)), error);
    }

    /** One line of limited length: the message may include many lines of QEMU's output. */
    static String text(LibvirtException error) {
        String message = String.valueOf(error.getMessage()).strip().replaceAll("\\s+", " ");
        return message.length() <= MAX_LENGTH ? message : message.substring(0, MAX_LENGTH) + "…";
    }

    private static boolean is(LibvirtException error, ErrorNumber number) {
        return error.getError() != null && error.getError().getCode() == number;
    }
}
