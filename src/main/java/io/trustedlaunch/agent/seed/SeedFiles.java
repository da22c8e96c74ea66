package io.trustedlaunch.agent.seed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What is on the answer CD: cloud-init's NoCloud files, or an answer file for Windows.
 *
 * @param volume the name that the guest finds it by
 */
record SeedFiles(String volume, SortedMap<String, byte[]> files) {
    private static final String UNATTEND = "unattend.xml";
    private static final String META_DATA = "meta-data";
    private static final String USER_DATA = "user-data";
    private static final int LONGEST_LABEL = 63;

    /** @param given by file name, from the envelope; not empty */
    static SeedFiles of(UUID vm, String vmName, Map<String, byte[]> given) {
        SortedMap<String, byte[]> files = new TreeMap<>(given);
        if (given.containsKey(UNATTEND)) {
            // Windows looks for the one name in a prepared image, for the other when it is being installed.
            files.put("autounattend.xml", given.get(UNATTEND));
            return new SeedFiles("unattend", files);
        }
        files.putIfAbsent(META_DATA, metaData(vm, vmName));
        // Without it cloud-init takes the disc for none of its own.
        files.putIfAbsent(USER_DATA, "#cloud-config\n{}\n".getBytes(UTF_8));
        return new SeedFiles("cidata", files);
    }

    private static byte[] metaData(UUID vm, String vmName) {
        return ("instance-id: " + vm + "\nlocal-hostname: " + hostname(vmName) + "\n").getBytes(UTF_8);
    }

    /** A VM's name can be longer than a host's, and have dots. */
    static String hostname(String vmName) {
        String label =
                vmName.substring(0, Math.min(vmName.length(), LONGEST_LABEL)).replace('.', '-');
        return label.replaceAll("-+$", "");
    }
}
