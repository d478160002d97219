terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { "docker-cache:name" = "companions" }
  }
}

variable "changed" {
  description = "Whether every resource is changed in place."
  type        = bool
  default     = false
}
