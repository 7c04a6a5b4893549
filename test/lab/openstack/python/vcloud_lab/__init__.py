"""The parts of the lab that are not OpenStack's: they answer in place of agents and machines that are not there."""
