"""A local KSeF 2: checks what KSeF checks, says what KSeF says, forgets at exit.

It is written from the specification and shares no code with the client it judges,
so that one misunderstanding cannot cancel out another. Where the specification
leaves a choice, the simulator takes the one that is harder for the client.

    simulator = Simulator(schema="FA3.xsd")
    simulator.start()
    ... Environment(api_url=simulator.api_url, qr_url=simulator.url) ...
    simulator.stop()
"""

from .simulator import Simulator

__all__ = ["Simulator"]
