"""python -m simulator --port N [--data DIR] [--schema XSD]"""

import argparse

from .simulator import Simulator


def main():
    """Serve on 127.0.0.1 until interrupted."""
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--data", help="folder to keep the state in")
    parser.add_argument("--schema", help="FA(3) XSD: a file, or the folder it is in")
    parser.add_argument("--openapi", help="official OpenAPI file, for its limits")
    parser.add_argument(
        "--rate-limits", action="store_true", help="enforce production limits"
    )
    parser.add_argument(
        "--self-signed", action="store_true", help="accept self-signed certificates"
    )
    options = parser.parse_args()
    simulator = Simulator(
        options.port,
        schema=options.schema,
        data=options.data,
        openapi=options.openapi,
        self_signed=options.self_signed,
    )
    simulator.rate_limits(options.rate_limits)
    print(f"KSeF simulator: {simulator.api_url}, page: {simulator.url}/manage")
    try:
        simulator.serve()
    except KeyboardInterrupt:
        simulator.stop()


if __name__ == "__main__":
    main()
