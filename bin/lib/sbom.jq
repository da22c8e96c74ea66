# From a list of Debian packages and the SBOM of the libraries to the SBOM of an image.

def component($distribution):
  "pkg:deb/debian/\(.name)@\(.version | @uri)?arch=\(.architecture)&distro=\($distribution)&upstream=\(.source | @uri)" as $purl
  | {type: "library", "bom-ref": $purl, name, version, purl: $purl};

# Java's runtime is made of the JDK's modules.
def runtime: if .name | test("^openjdk-[0-9]+-jdk") then .type = "platform" else . end;

$libraries[0] as $product
| "pkg:oci/\($name)@\($digest | @uri)?tag=\($tag | @uri)" as $image
| (map(select(.name == "base-files")) | first.version | capture("^(?<release>[0-9]+)").release) as $release
| (map(component("debian-\($release)") | runtime)) as $packages
| {type: "operating-system", "bom-ref": "debian-\($release)", name: "debian", version: $release} as $system
| ($product.metadata.component | .type = "application") as $application
| $product
| .serialNumber = "urn:uuid:\($serial)"
| .metadata.component = {type: "container", "bom-ref": $image, name: $name, version: $tag, purl: $image,
    licenses: [{license: {id: "Apache-2.0"}}]}
| .components = [$application] + .components + [$system] + $packages
| .dependencies = [{ref: $image, dependsOn: ([$application["bom-ref"], $system["bom-ref"]] + ($packages | map(.["bom-ref"])))}]
    + .dependencies
