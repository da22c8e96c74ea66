package io.trustedlaunch.agent.seed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The files on the disc: cloud-init's NoCloud files, or an answer file for Windows.
 *
 * @param volume the label by which the guest finds the disc
 */
record SeedFiles(String volume, SortedMap<String, byte[]> files) {
    private static final String UNATTEND = "unattend.xml";
    private static final String META_DATA = "meta-data";
    private static final String USER_DATA = "user-data";
    private static final int MAX_LABEL_LENGTH = 63;

    /** @param userData by file name, from the envelope; not empty */
    static SeedFiles of(UUID vm, String vmName, Map<String, byte[]> userData) {
        SortedMap<String, byte[]> files = new TreeMap<>(userData);
        if (userData.containsKey(UNATTEND)) {
            // Windows reads unattend.xml in a generalized image, and autounattend.xml during an installation.
            files.put("autounattend.xml", userData.get(UNATTEND));
            return new SeedFiles("unattend", files);
        }
        files.putIfAbsent(META_DATA, metaData(vm, vmName));
        // cloud-init ignores a disc without user-data.
        files.putIfAbsent(USER_DATA, "#cloud-config\n{}\n".getBytes(UTF_8));
        return new SeedFiles("cidata", files);
    }

    private static byte[] metaData(UUID vm, String vmName) {
        return ("instance-id: " + vm + "\nlocal-hostname: " + hostname(vmName) + "\n").getBytes(UTF_8);
    }

    /** A VM's name can be longer than a host name, and contain dots. */
    static String hostname(String vmName) {
        String label =
                vmName.substring(0, Math.min(vmName.length(), MAX_LABEL_LENGTH)).replace('.', '-');
        return label.replaceAll("-+$", "");
    }
}
