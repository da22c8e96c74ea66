package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.LibvirtException;

/** libvirt's errors in our words. */
final class LibvirtErrors {
    private static final int LONGEST = 400;

    private LibvirtErrors() {}

    static boolean isNoDomain(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_NO_DOMAIN);
    }

    /** What was asked for does not fit the state that the domain is in. */
    static boolean isOperationInvalid(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_OPERATION_INVALID);
    }

    static boolean isUnsupported(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_OPERATION_UNSUPPORTED);
    }

    static boolean isNoSecret(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_NO_SECRET);
    }

    /** Whether the connection is at fault and not what was asked for. */
    static boolean isConnectionLost(LibvirtException error) {
        return is(error, ErrorNumber.VIR_ERR_NO_CONNECT)
                || is(error, ErrorNumber.VIR_ERR_INVALID_CONN)
                || is(error, ErrorNumber.VIR_ERR_RPC);
    }

    static HypervisorException unavailable(LibvirtException error) {
        return new HypervisorException(new HypervisorFailure.Unavailable(text(error)), error);
    }

    static HypervisorException failed(String what, LibvirtException error) {
        return new HypervisorException(
                new HypervisorFailure.OperationFailed("libvirt did not " + what + ": " + text(error)), error);
    }

    /** One line of bounded length: QEMU's own words may come with it, many lines of them. */
    static String text(LibvirtException error) {
        String message = String.valueOf(error.getMessage()).strip().replaceAll("\\s+", " ");
        return message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…";
    }

    private static boolean is(LibvirtException error, ErrorNumber number) {
        return error.getError() != null && error.getError().getCode() == number;
    }
}
