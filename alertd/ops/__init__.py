"""What does the daemon need of the system that it runs on?"""
